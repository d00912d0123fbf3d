"""What an organisation does day by day: import files, offer, withdraw, replace, answer, export."""
