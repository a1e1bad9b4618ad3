"""VideoMind (arXiv:2503.13444): spans regressed from the hidden state of a token, checked by a verifier."""
