"""Pinned JSON-LD contexts and the loader that knows no network."""
