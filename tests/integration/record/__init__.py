"""What is on record: audit, evidence, status."""
