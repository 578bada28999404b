"""The meaning of the specs, as frozen values that know neither YAML nor Python code."""
