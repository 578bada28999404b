"""Golden cases: specs, the tree that is expected of them, and the messages; `make golden` rewrites both."""
