"""Load over HTTP, and the servers that bear it."""
