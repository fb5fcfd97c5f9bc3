"""The thirteen rows of the acceptance run: scenarios S1 to S12, and a look at the whole."""
