"""The HTTP API: the door of the contract, the claims and their histories, and how the suite is."""
