"""R2-Tuning (arXiv:2404.00801): hidden layers of CLIP as features, read from the last to the first."""
