"""Commands that look after a home and its services."""
