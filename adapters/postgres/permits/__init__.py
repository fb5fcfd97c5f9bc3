"""Permit, fence and halt, and the people whose approvals open a permit."""
