"""`python -m omna.cli`, for whoever starts Omna without its script."""

from omna.cli import main

main()
