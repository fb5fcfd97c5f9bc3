"""The knowledge base: sessions, phases, ledger, backup, schema, and the embedded server."""
