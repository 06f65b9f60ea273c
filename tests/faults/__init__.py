"""What must not break, broken on purpose: kills, repeats, an ill Slack, replicas, storms."""
