"""UniversalVTG (arXiv:2604.08522): a pyramid of bidirectional state-space layers over frames at 2 per second."""
