"""Whether settings lie where they must."""

from __future__ import annotations

from numbers import Real

from whenabouts.errors import InputError

__all__ = ["within"]


def within(interval: str, *, whole: bool = False, **settings: float) -> None:
    """Refuse the first setting outside an interval such as "[0, 1)"; `whole`: it must be a whole number as well.

    Raises InputError.

    >>> within("[0, 1)", height=1.0)
    Traceback (most recent call last):
        ...
    whenabouts.errors.InputError: height must be a number in [0, 1), got 1.0
    """
    low, high = (float(end) for end in interval[1:-1].split(","))
    for name, value in settings.items():
        fits = isinstance(value, Real) and not isinstance(value, bool)
        fits = fits and (low <= value if interval[0] == "[" else low < value)
        fits = fits and (value <= high if interval[-1] == "]" else value < high)
        if not fits or (whole and value != int(value)):
            kind = "whole number" if whole else "number"
            raise InputError(f"{name} must be a {kind} in {interval}, got {value!r}")
