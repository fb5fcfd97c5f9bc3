"""The review page: what two people read before they sign, as one HTML file that needs nothing
else.
"""
