"""Keys: GnuPG for backups, Ed25519 of the principals and of the approvers."""
