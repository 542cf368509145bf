"""What is delivered: cards, requests, replies, each once and at Slack's pace."""
