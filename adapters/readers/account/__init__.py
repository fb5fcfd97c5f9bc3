"""The account of lines: what each that looks like the start of a unit was taken for."""
