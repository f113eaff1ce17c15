"""The claim: its lines, its checks, and what they make of it. One family of rules a module."""
