"""Time and what is owed: the calendar plans what recurs, the worker pays what is due."""
