"""Reverts."""
