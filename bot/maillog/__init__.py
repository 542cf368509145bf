"""AsyncOS mail logs: lines in, events and CPQ connections out; no I/O of its own."""
