"""Comparing versions."""
