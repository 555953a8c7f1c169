"""Payment services, their events, and asking them."""
