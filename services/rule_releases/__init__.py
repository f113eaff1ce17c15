"""Releases of the reference data, recorded by event: which one is in force, and every one that ever was."""
