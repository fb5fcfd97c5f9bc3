"""Pure rules of the cut: no input or output, the standard library and pydantic only."""
