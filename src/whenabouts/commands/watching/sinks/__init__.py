"""Where a watch puts what it tells: each takes everything, at once, and does its part in the background."""
