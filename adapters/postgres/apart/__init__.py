"""The verifier as a service of its own: what it does, and how a run asks it and waits."""
