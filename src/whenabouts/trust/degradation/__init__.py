"""Degradation over time: whether answers get worse while a video is bad, and good again after it.

The question is that of DIQ-H (arXiv:2512.03992v2), which asks it about images in turns. Its formulas and tables of
severity are not published in a form that could be checked: those here are ours.
"""
