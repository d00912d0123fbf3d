"""Holds, derives, presents."""
