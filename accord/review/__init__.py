"""What a reviewer of a spec change reads: one verdict over all checks, and the contracts with it in place."""
