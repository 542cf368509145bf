"""Door to Redis: the queue of jobs, the worker, and the state that makes effects happen once."""
