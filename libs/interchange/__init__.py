"""Formats in and out: what clinics and payers send, and what they get."""
