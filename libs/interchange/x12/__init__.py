"""The syntax that all X12 files share: delimiters, segments, envelopes, amounts and days. Knows no transaction."""
