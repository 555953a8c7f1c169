"""One module a group of pages; each has `routes(site)`."""
