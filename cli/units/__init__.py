"""Reading out what was cut: `cutter units`, `cutter show`, `cutter search`."""
