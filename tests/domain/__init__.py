"""The rules: tables of cases, and properties."""
