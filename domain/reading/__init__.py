"""What a document is for a cut: marks, addresses, citations, vocabulary."""
