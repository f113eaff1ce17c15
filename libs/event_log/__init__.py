"""The append-only log: one protocol, its engines, and the proofs that nobody changed it."""
