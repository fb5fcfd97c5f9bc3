"""The phases: transactions, ledger, effect, verification."""
