"""Learned heads over features of videos, and the grounder that answers with one."""
