"""What a person types in a shell. Heavy imports wait until a command needs them: `--help` is instant."""
