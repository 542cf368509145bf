"""The nouns, the ports and the errors; imports nothing of ours."""
