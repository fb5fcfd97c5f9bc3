"""What the ledger holds, who may write it, and what a database must be like."""
