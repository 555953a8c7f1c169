"""Controls: emergency stop, freeze, limits, caps, and who must agree to manual money."""
