"""Counterfactual videos: real footage that is cut, reversed or put in another order, and where its times go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whenabouts.plugins import lazily

if TYPE_CHECKING:
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

_EDITS = ("Cut", "Edit", "Insert", "Move", "Retime", "Reverse", "Shuffle", "Swap")
__getattr__ = lazily(
    __name__,
    {
        "Edited": "whenabouts.video.edit.edited:Edited",
        **{name: f"whenabouts.video.edit.edits:{name}" for name in _EDITS},
        **{name: f"whenabouts.video.edit.time_map:{name}" for name in ("Segment", "TimeMap")},
        "View": "whenabouts.video.edit.view:View",
    },
)
