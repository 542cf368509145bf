"""A report as people and programs read it: terminal, JSON, Markdown, pictures."""
