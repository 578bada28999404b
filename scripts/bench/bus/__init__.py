"""What the workloads over Kafka share: events, topics, running consumers and relays."""
