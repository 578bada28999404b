"""PostgreSQL and Kafka, which do not know each other."""
