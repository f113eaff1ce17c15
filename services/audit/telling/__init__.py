"""A claim's recorded events in plain words: a module each for facts, sessions, units, checks and payers."""
