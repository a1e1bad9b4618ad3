"""Evaluation: predictions in, a report out, under a protocol that is always named."""
