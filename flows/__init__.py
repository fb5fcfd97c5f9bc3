"""What a person starts, one flow a file."""
