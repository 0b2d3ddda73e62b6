"""A stage on a serial line whose controller speaks in requests and replies."""
