"""What the bot can do: one file a noun, and the ports through which it reaches the world."""
