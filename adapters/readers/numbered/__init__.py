"""Finding units that a number alone heads, without a heading word."""
