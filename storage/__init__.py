"""Records and the store protocols."""
