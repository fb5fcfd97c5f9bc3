"""The rehearsal: the live adapter over one transaction that is always rolled back."""
