"""DID methods."""
