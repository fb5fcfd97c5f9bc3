"""Tests of revisions on a real PostgreSQL."""
