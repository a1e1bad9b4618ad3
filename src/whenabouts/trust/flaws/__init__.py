"""Flaws that a score hides: a grounder that answers from one frame, from the subtitles, or without looking at all.

A flaw is a file: how it is made visible, which figures show it, and from where on it is named. A name is given only
where a bound of 95 % confidence is beyond the limit, so that few cases accuse nobody. The limits are ours.
"""
