"""The suite as separate processes over Kafka and one database."""
