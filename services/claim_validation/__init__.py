"""From units to an assessed claim, and what the payer said to it."""
