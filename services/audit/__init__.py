"""History, as-of, replay and verification of every claim."""
