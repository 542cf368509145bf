"""What a process tells about itself while it runs: counters for Prometheus, signs of life, and where to ask."""
