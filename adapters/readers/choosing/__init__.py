"""Which reading of a text explains it best."""
