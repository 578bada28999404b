"""What `accord init` lays out, as a stranger meets it."""
