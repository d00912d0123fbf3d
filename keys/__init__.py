"""How a key is made, kept, named and found."""
