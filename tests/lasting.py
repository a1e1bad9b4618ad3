"""A video of which only the length matters."""

from __future__ import annotations

import numpy as np

from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo


class Lasting(InMemoryVideo):
    """So many seconds of one black picture."""

    def __init__(self, seconds: float) -> None:
        super().__init__([Frame(0.0, np.zeros((4, 4, 3), np.uint8))], 0.0, seconds)
