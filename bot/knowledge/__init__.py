"""The document as data: what explains what, what to tell people, what to do about it."""
