"""The front door: what people type and press in Slack, and what they see there."""
