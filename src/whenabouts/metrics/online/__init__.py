"""Metrics of grounding in a stream: not only whether a moment is found, but when that was told.

All take `OnlineAnswer`, one for each query on each stream, and count queries without an answer as misses; only
`onvtg`, which keeps the habits of the official code, does not. Times are seconds on the clock of the stream.
"""

from whenabouts.metrics.online.alarms import false_alarms_per_hour, recall_at_false_alarms
from whenabouts.metrics.online.answer import OnlineAnswer
from whenabouts.metrics.online.decayed import online_map, online_recall, timeliness
from whenabouts.metrics.online.delay import Delays, delays
from whenabouts.metrics.online.onvtg import OnVTGFigures, onvtg
from whenabouts.metrics.online.points import point_map
from whenabouts.metrics.online.proactive import Proactive, first_words, proactive
from whenabouts.metrics.online.revisions import first_correct, revisions
from whenabouts.metrics.online.windows import count_windows, sw_f1

__all__ = [
    "Delays",
    "OnVTGFigures",
    "OnlineAnswer",
    "Proactive",
    "count_windows",
    "delays",
    "false_alarms_per_hour",
    "first_correct",
    "first_words",
    "online_map",
    "online_recall",
    "onvtg",
    "point_map",
    "proactive",
    "recall_at_false_alarms",
    "revisions",
    "sw_f1",
    "timeliness",
]
