"""A corpus: many documents that are planned together and become one release."""
