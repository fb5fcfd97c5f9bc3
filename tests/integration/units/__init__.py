"""Reading out enacted units of a real knowledge base."""
