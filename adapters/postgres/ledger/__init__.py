"""What is written into the governed ledger."""
