"""From the model to Python text, and from text to files."""
