"""Warroom: runs a data incident from the first failing test to the last finished action item."""
