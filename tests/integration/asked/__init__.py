"""The questions over HTTP, by tools and on pages, to a real knowledge base."""
