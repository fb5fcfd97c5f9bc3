"""Documents: one reader a format, all behind `domain.reading.marks.Reader`."""
