"""What `accord init` lays out: a small project that works, or the settings for specs that are there."""
