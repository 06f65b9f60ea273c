"""What the demo adds to a workspace: guide, backstage, stories, a bot in a process of its own."""
