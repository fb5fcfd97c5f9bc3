"""Rehearsal and proof."""
