"""Dialogues of many kinds and languages, with questions and the true windows of their answers."""
