"""Tests of what is owed and when, on SQLite and on a real PostgreSQL."""
