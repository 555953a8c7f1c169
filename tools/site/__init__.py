"""The site of the documentation: `make docs`, or `python -m tools.site`."""
