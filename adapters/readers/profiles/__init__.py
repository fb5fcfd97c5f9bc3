"""Structure profiles: how the laws of a language name and number their parts.

Data, one file a language.
"""
