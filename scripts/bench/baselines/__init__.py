"""What people write by hand, in the shortest way that is usual: one file for each contestant."""
