"""Counterfactuals: videos that are edited so that it is known how the answer must change, and a probe that asks them.

The edits are of real footage and ours. They are not the videos of CounterVid (arXiv:2601.04778), which are generated
and about question answering; what is taken from the field is to score pairs, as DualityVidQA (arXiv:2512.24271) does.
"""
