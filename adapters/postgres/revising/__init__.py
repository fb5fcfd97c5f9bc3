"""Revisions: what stands, the new versions of it, and their verification."""
