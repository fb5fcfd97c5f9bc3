"""A container engine of the tests' own, and PostgreSQL in a container on it."""
