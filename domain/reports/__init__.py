"""What runs, rehearsals, proofs and acceptance say when they are done."""
