"""Chats and their messages: a tree whose leaves are alternatives."""
