"""The second transport: the log's events by Apache Kafka to services that run as processes of their own."""
