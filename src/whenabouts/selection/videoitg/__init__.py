"""VideoITG (arXiv 2507.13353): frames that a model learned to choose for an instruction."""

from whenabouts.selection.videoitg.selector import VideoITG

__all__ = ["VideoITG"]
