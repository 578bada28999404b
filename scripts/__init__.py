"""Things that a person runs in this repository; see the modules."""
