"""What the project is made of: the lock of its packages, and under which licences they are."""
