"""What can be done in an incident, and what follows from it: one file a noun."""
