"""What a service is and how it runs: outcomes, the runtime, dead letters, telemetry."""
