"""The outside world: PostgreSQL, documents, backups. Knows the domain, never Prefect."""
