"""The queue of the jobs room, to be looked at."""

from tests.jobs.conftest import admit, ask, client, request_of, runs, stack

__all__ = ["admit", "ask", "client", "request_of", "runs", "stack"]
