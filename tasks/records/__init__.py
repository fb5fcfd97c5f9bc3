"""Reading and keeping what is on record: plain functions that flows and commands share."""
