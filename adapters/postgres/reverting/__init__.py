"""Reverts: the plan read from the ledger, the live adapter, the verification."""
