"""One file a check, nothing else; adding a check edits no other module."""
