"""Amending acts: what their instructions say happens to the units of another document."""
