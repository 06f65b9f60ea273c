"""Promises about the code itself, held to the code."""
