"""Claims out as files and answers back in: exports, payers' files, worklists of what does not match, figures."""
