"""What is shown of an incident, as pure functions."""
