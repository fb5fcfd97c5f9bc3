"""What a stolen login can do: every attack is made with the real login, around the program."""
