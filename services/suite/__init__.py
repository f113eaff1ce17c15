"""The `claimtrail` command and the all-in-one process: the only room that knows every service."""
