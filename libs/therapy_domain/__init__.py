"""The shared language of therapy billing and its rules: pure, no clock, no I/O, no framework."""
