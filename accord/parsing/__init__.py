"""From YAML to the model, with a place for everything that is wrong."""
