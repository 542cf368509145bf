"""A report for people and programs: terminal, JSON."""
