"""Taking text out of the knowledge base: `cutter cite`, `cutter export`."""
