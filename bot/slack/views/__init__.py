"""What people see, pure: values in, blocks out."""
