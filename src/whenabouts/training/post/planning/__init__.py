"""What a training costs: reckoned before it, measured while it runs."""
