"""Commands in groups; `cli.main` puts them together. Each only parses, and calls its own module in `cli`."""
