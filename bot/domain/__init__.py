"""The rules of an incident: standard library only, no I/O, no clock, no await."""
