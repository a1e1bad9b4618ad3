"""OnVTG (arXiv:2508.04546): a tree of events over a stream, a memory at each of its levels, and what is to come."""
