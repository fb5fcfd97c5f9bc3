"""What is on record, read without changing it: status, audit, documents, records of a bundle."""
