"""How Slack is reached: the socket, the HTTP port, and what is counted and checked there."""
