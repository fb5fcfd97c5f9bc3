"""The acceptance run: thirteen rows of evidence, gathered on an isolated PostgreSQL that is gone
afterwards.
"""
