"""Reading out enacted units, over the port's views and the ledger, on a read-only connection."""
