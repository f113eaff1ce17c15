"""The contracts in machine-readable form: a JSON Schema an event, and AsyncAPI of every topic; both from the code."""
