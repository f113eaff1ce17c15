"""Denials and appeals: what a payer's no means, by when to answer it, and what must be in dispute."""
