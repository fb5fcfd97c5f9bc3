"""What a person starts: the parent flow of a cut and its relatives."""
