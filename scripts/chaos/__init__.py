"""Faults, for real: the running system under load, broken at random, and judged by what it acknowledged."""
