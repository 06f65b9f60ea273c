"""What the bot can do, through fakes of everything outside."""
