"""One file a command: how to ask it, and how to read its answer."""
