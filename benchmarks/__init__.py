"""Where the figures come from: each module is a command that prints a table and its conditions."""
