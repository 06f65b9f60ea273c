"""How Slack is called: one client, its pace, and what is said through it."""
