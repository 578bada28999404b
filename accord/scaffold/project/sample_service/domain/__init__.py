"""What the service does, in the standard library alone."""
