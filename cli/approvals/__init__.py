"""Commands of those who approve."""
