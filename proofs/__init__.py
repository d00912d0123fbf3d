"""How a document is secured."""
