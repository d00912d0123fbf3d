"""The documents: what a credential is made of and what must hold in it."""
