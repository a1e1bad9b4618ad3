"""Blind baselines: how far answers come that never look at the video.

`BASELINES` has them by name, one a file; a model's gain over the best of them is what the video gave.
"""
