"""Copies of a chat behind a link: as it was when the link was made, until the link ends."""
