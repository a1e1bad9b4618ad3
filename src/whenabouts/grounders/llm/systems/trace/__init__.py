"""TRACE (arXiv:2410.05643): an answer is a chain of events, each of times, scores and words from heads of their own."""
