"""The pages that people read: a review before they sign, and what a new version changes. Each is
one HTML file that needs nothing else.
"""
