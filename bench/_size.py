"""How large a measurement is: full size, or as one of the two options that every program in this folder takes says.

--quick   a smaller measurement, whose figures are rough: `make bench`
--smoke   as little as can be measured, in seconds, whose figures mean nothing: the tests run every program so
"""

from __future__ import annotations

import argparse
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Size(Enum):
    """The size that was chosen on the command line."""

    FULL = 0
    QUICK = 1
    SMOKE = 2

    def pick(self, full: T, quick: T, smoke: T) -> T:
        """The value for this size."""
        return (full, quick, smoke)[self.value]


def parser(description: str) -> argparse.ArgumentParser:
    """A parser of the two options, to which a program adds its own; `size` holds the Size."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes = made.add_mutually_exclusive_group()
    for size, text in ((Size.QUICK, "a smaller measurement"), (Size.SMOKE, "only see that the program works")):
        sizes.add_argument(f"--{size.name.lower()}", dest="size", action="store_const", const=size, help=text)
    made.set_defaults(size=Size.FULL)
    return made
