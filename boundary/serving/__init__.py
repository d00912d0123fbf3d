"""What every HTTP service of ours has in common: who may ask, how a body is read, how a refusal is said."""
