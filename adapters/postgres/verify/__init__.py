"""VERIFY: the second principal recomputes, compares and signs."""
