"""Requests from customers and replies from staff."""
