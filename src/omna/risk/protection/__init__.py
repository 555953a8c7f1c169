"""Automatic protection: notices what goes wrong by numbers, and may stop the smallest scope that ends it."""
