"""Training of heads on features."""
