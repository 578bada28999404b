"""Kafka: what happens when an event arrives."""
