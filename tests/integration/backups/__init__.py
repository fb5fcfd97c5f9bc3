"""Backups and their proof."""
