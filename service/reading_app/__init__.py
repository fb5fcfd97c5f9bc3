"""Units over HTTP, for programs and browsers: read-only, on the loopback."""
