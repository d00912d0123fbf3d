"""Asks and checks."""
