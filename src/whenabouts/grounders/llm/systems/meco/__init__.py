"""MeCo (arXiv:2503.09027): structural tokens of the answer matched with frames."""
