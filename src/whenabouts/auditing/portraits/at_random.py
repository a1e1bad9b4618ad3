"""Answers that have nothing to do with the query: they fit the truth of any other as well."""

from __future__ import annotations

from typing import ClassVar

from whenabouts.auditing.portraits.alike import most_common
from whenabouts.auditing.portraits.chance import gain
from whenabouts.auditing.portraits.first_verb import follows_word
from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.hedger import hedges
from whenabouts.auditing.portraits.known import may_know
from whenabouts.auditing.portraits.portrait import Portrait, Trait
from whenabouts.auditing.portraits.prior_copier import LIKE
from whenabouts.auditing.portraits.spread import distance_to_prior

__all__ = ["AtRandom"]


class AtRandom(Portrait):
    """Answers gain nothing from being about their own query, and are spread otherwise than the prior.

    Where they are one window or spread like the prior, they are left to `prior-copier`, and to `shifter` where they
    know how long the moment is.
    """

    name: ClassVar[str] = "random"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where the gain over permuted answers surely is small, and may be chance."""
        found = gain(windows)
        if found is None or not found.nothing or hedges(windows) or follows_word(windows) or may_know(windows):
            return None
        if most_common(windows).same.mean() > 0.5 or distance_to_prior(windows) < LIKE:
            return None
        return Trait(
            self.name,
            f"its answers have a tIoU of {found.own:.2f} with their own truth, and {found.own - found.mean:.2f} if "
            f"they are permuted between queries on videos of like length: what is asked gains {found.mean:.2f} "
            f"(95 % at most {found.high:.2f})",
            {"tIoU": found.own, "gain": found.mean, "gain high": found.high},
        )
