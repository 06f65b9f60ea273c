"""What the figures in the README come from: each module is a command that prints a table and its conditions."""
