"""Fuzzing: made-up and damaged documents of every format."""
