"""A person at a browser, with everything behind it real."""
