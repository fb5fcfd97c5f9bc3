"""One phase a file: check the switch, dispatch, return the result; nothing else."""
