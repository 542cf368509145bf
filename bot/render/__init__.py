"""Documents as people and programs read them: each is built as one tree, and written by any writer."""
