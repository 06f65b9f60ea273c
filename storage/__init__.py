"""What is remembered: tables, the unit of work, the jobs that are owed, and the read side."""
