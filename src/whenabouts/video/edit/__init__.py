"""Counterfactual videos: real footage that is cut, reversed or put in another order, and where its times go."""

from whenabouts.video.edit.edited import Edited
from whenabouts.video.edit.edits import Cut, Edit, Insert, Move, Retime, Reverse, Shuffle, Swap
from whenabouts.video.edit.time_map import Segment, TimeMap
from whenabouts.video.edit.view import View

__all__ = [
    "Cut",
    "Edit",
    "Edited",
    "Insert",
    "Move",
    "Retime",
    "Reverse",
    "Segment",
    "Shuffle",
    "Swap",
    "TimeMap",
    "View",
]
