"""What makes an action hard to find: the characteristics of DETAD (arXiv:1807.10706) and the bins of their values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACTIVITYNET", "CHARACTERISTICS", "Characteristic"]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A property of annotated instances, in bins.

    edges:   one more than `labels`; a bin has its upper edge and not its lower one, which only the first has too.
    meaning: in a few words, with the unit.
    """

    name: str
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    meaning: str

    def bins(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """The bin of each value (G,), -1 where it is unknown or outside all bins."""
        at = np.searchsorted(self.edges, values, side="left") - 1
        at[values == self.edges[0]] = 0
        at[np.isnan(values) | (at >= len(self.labels))] = -1
        return at

    def ranges(self) -> tuple[str, ...]:
        """Each bin in numbers: "30 – 60", "over 180"."""
        pairs = zip(self.edges, self.edges[1:], strict=False)
        return tuple(f"over {low:g}" if np.isinf(high) else f"{max(low, 0):g} – {high:g}" for low, high in pairs)


FIVE = ("XS", "S", "M", "L", "XL")
FIFTHS = tuple(np.linspace(0, 1, 6).tolist())
IN_FILES = (  # known only where a file says them
    Characteristic("context-size", tuple(range(-1, 7)), tuple("0123456"), "glimpses of context around the instance"),
    Characteristic("context-distance", tuple(range(-1, 4)), ("Inf", "N", "M", "F"), "how far away context is"),
    Characteristic("agreement", FIFTHS, ("XW", "W", "M", "H", "XH"), "tIoU between annotators"),
)
ACTIVITYNET = (
    *IN_FILES,
    Characteristic("coverage", FIFTHS, FIVE, "length as a share of the video"),
    Characteristic("length", (0, 30, 60, 120, 180, np.inf), FIVE, "seconds"),
    Characteristic("num-instances", (-1, 1, 4, 8, np.inf), FIVE[:4], "instances in the video"),
)
THUMOS14 = (
    *IN_FILES,
    Characteristic("coverage", (0, 0.02, 0.04, 0.06, 0.08, 1), FIVE, "length as a share of the video"),
    Characteristic("length", (0, 3, 6, 12, 18, np.inf), FIVE, "seconds"),
    Characteristic("num-instances", (-1, 1, 40, 80, np.inf), FIVE[:4], "instances in the video"),
)
CHARACTERISTICS = {"activitynet-1.3": ACTIVITYNET, "thumos14": THUMOS14}  # all others have the bins of ActivityNet
