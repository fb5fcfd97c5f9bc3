"""Numbers of units: digits, letters, Roman numerals, words."""
