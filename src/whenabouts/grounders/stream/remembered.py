"""The last so many numbers, and where in their order any share of them lies."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator

__all__ = ["DIGITS", "Remembered", "most_in"]

DIGITS = 6  # that are kept of each, so that a snapshot is short and exact
MOST = 10_000  # scores of a query, however long the memory


class Remembered:
    """At most `most` numbers, of which the oldest leave; a number is added in the time of a binary search."""

    def __init__(self, most: int, numbers: Iterable[float] = ()) -> None:
        self.most = max(1, most)
        self._order: deque[float] = deque()
        self._ranked: list[float] = []
        for number in numbers:
            self.add(number)

    def add(self, number: float) -> None:
        """Remember one more."""
        number = round(number, DIGITS)
        if len(self._order) == self.most:
            del self._ranked[bisect_left(self._ranked, self._order.popleft())]
        self._order.append(number)
        insort(self._ranked, number)

    def quantile(self, share: float) -> float:
        """The number below which a share of them lies, in [0, 1]; one of those that are remembered."""
        return self._ranked[round(share * (len(self._ranked) - 1))]

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[float]:
        """The oldest first."""
        return iter(self._order)


def most_in(seconds: float, fps: float) -> int:
    """How many scores to remember of so many seconds, of which `fps` come in each."""
    return max(2, min(MOST, round(seconds * fps)))
