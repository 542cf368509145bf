"""AsyncOS mail logs: bytes in, events out."""
