"""Time and what is owed: the calendar plans what recurs, the worker does what is due."""
