"""Rewards: pure functions of an answer and a target, and the parsing of answers."""
