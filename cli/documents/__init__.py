"""Commands that read a document."""
