"""The parts of `Watch`: its loop, what it tells, how it stands, and where that goes."""

from whenabouts.commands.watching.asked import MOST_QUERIES
from whenabouts.commands.watching.board import Board, Standing
from whenabouts.commands.watching.loop import Watching
from whenabouts.commands.watching.told import Asked, Began, Clip, Tell, Told, Trouble, row

__all__ = ["MOST_QUERIES", "Asked", "Began", "Board", "Clip", "Standing", "Tell", "Told", "Trouble", "Watching", "row"]
