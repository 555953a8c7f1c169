"""Programs for those who work on Omna; the product does not import them."""
