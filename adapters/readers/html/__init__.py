"""HTML: the text that a browser would show, and the units in it."""
