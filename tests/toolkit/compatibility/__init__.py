"""The judgement of schemas: units, and the search for a verdict that is wrong."""
