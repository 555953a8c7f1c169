"""Mail: addresses, rendering and sending, to a server or to an outbox that staff can read."""
