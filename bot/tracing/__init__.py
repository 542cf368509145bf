"""Traces for OpenTelemetry, from a command in Slack to the last line typed on an appliance; off by default."""
