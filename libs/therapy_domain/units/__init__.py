"""Minutes to units: what counts, the payers' two unit rules, and the assistants' share."""
