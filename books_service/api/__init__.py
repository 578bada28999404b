"""The HTTP side: routes over the generated interface, and the translations that they need."""
