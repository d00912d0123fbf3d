"""Reads what certifiers already have."""
