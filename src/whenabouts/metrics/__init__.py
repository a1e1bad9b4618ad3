"""Metrics: pure numpy functions, one file each, exact to the last digit of the official evaluators."""
