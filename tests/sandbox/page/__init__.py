"""The workspace in a browser, held to what it promises."""
