"""Documents: one reader a format, all behind `domain.marks.Reader`."""
