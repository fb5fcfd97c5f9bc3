"""Readers: each format on small documents written for the test."""
