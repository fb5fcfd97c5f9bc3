"""The pages, the site made of them, and the checks before a commit."""
