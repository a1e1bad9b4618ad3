"""Temporal need: whether a query needs the frames of its moment, or is answered without them.

The idea is TempCore's (arXiv:2509.01167v2), which measures it for question answering; the form for grounding is ours.
"""
