"""Commands about what is kept: evidence, audit, backups, databases."""
