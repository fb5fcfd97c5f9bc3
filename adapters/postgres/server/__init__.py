"""The embedded PostgreSQL and the programs that come with it."""
