"""Reading back what was cut: what is said of a unit, a version and a document."""
