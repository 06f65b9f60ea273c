"""Slack: views, grammar, the gateway and the calls."""
