"""What is on record, read without changing it: status, evidence, audit, documents."""
