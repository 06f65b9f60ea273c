"""The kernel's rules, as tables of cases."""
