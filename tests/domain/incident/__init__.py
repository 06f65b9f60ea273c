"""The incident's rules, as tables of cases and properties."""
