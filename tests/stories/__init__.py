"""End to end through the sandbox over real sockets, with time moved by hand."""
