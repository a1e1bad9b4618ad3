"""DETR-family grounders: a set of queries, matched one to one with the moments of a sentence."""
