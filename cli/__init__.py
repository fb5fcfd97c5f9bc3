"""The `cutter` command: parses, calls flows, prints."""
