"""A release: many change sets that belong together, under one root."""
