"""DOCX: the text that Word would print, and the units in it."""
