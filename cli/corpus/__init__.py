"""A corpus: many documents in one release."""
