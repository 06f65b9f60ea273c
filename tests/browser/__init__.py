"""The workspace as people see it: a real browser at the page, the sandbox and the real bot behind it."""
