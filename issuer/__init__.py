"""Says what someone has learnt, and signs it."""
