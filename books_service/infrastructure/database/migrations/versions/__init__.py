"""One module per migration, in the order that their `down_revision` says."""
