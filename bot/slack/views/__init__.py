"""What people see, as pure functions: values in, Block Kit out; what they send, back into values."""
