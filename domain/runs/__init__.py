"""What any run is of: a cut, a revision or a revert, and the questions that all three answer."""
