"""Texts in Markdown: read, checked and rendered. What an operator may replace, and which version of it is in force."""
