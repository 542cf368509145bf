"""Door to the appliances: SSH (paramiko), SMTP and TLS from the worker's own host."""
