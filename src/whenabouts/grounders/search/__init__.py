"""Long video: search, then ground, then verify.

At the scale of hours most misses are misses of search (ExtremeWhenBench, arXiv:2606.12300): the right stretch was never
looked at. So the video is read once at a low rate, a few regions are shortlisted, and any grounder looks closely at
them.
"""
