"""What is on sale: providers, models, the routes between them, and versioned prices."""
