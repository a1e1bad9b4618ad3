"""Proposal grounders: every stretch of a film is a candidate, and each is scored."""
