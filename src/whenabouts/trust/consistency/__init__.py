"""Whether answers agree with each other, after arXiv:2411.12951 and moved to any grounder; truth is not needed."""
