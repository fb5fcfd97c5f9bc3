"""Finding units by the lines that head them."""
