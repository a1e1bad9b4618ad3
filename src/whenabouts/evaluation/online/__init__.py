"""Answers given online: how good, how late, how many false alarms, and what knowing only the past costs."""

from whenabouts.evaluation.online.evaluate import evaluate_online
from whenabouts.evaluation.online.report import OnlineReport

__all__ = ["OnlineReport", "evaluate_online"]
