"""The incident: its facts, what they add up to, and its rules."""
