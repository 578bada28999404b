"""The wheel: what lies in it, and what each of its parts needs."""
