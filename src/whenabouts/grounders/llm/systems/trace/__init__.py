"""TRACE (arXiv:2410.05643): times and scores from heads of their own."""
