"""What happens in Slack without anybody asking us: messages, read and recorded."""
