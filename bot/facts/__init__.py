"""What several checks need to know together: what is dialled, who listens, what the logs say."""
