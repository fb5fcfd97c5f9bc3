"""Approvals, permits, the fence and the halt."""
