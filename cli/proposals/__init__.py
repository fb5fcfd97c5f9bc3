"""Commands that take a document from a file to an enacted law, by its code."""
