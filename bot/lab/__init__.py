"""A wing of its own: simulated appliances, a Slack workspace in the browser, an embedded Redis."""
