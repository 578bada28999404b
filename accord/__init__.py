"""Accord: contract-first Python services over HTTP and Kafka."""
