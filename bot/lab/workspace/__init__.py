"""A Slack workspace in a box: Web API, Socket Mode and a page in the browser, all on loopback."""
