"""Which profile a text is written for: by its script, by its small words, by its headings."""
