"""What may be asked about what was cut, whoever asks: programs, models, pages and commands."""
