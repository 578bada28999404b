"""What is received from Kafka."""
