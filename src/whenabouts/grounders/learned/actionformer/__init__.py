"""ActionFormer (arXiv:2202.07925): actions of a closed set, one set of windows for every point in time and scale."""
