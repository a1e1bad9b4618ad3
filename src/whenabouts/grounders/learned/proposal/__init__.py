"""Proposal grounders: every stretch of a video is a candidate, and each is scored."""
