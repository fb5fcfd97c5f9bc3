"""The approvers' pages: what waits, what it is, and a place for what an approver's own key has
signed.
"""
