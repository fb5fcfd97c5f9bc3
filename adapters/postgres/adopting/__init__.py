"""Cutter let into a knowledge base that it did not make: examined, mapped, installed, taken out."""
