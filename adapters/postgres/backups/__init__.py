"""Backups: made, described, restored, proven."""
