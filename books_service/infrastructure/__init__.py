"""How the world outside does what the domain asks."""
