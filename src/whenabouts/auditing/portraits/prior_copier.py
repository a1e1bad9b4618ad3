"""Answers that lie where moments usually lie, whatever is asked: one window for all, or windows drawn from a prior."""

from __future__ import annotations

from typing import ClassVar

from whenabouts.auditing.portraits.alike import most_common
from whenabouts.auditing.portraits.chance import gain
from whenabouts.auditing.portraits.first_verb import follows_word
from whenabouts.auditing.portraits.first_windows import FirstWindows
from whenabouts.auditing.portraits.hedger import hedges
from whenabouts.auditing.portraits.known import may_know
from whenabouts.auditing.portraits.portrait import Portrait, Trait, surely_above
from whenabouts.auditing.portraits.spread import distance_to_prior

__all__ = ["PriorCopier"]

LIKE = 0.2  # distance to the prior, where that of even windows is 1, below which answers were drawn from it


class PriorCopier(Portrait):
    """Most answers are one window, which the truth seldom is; or answers gain nothing and are spread like the prior.

    The prior is the windows of the training split, or the truths of all queries. Nearly the whole
    video is left to `hedger`.
    """

    name: ClassVar[str] = "prior-copier"

    def trait(self, windows: FirstWindows) -> Trait | None:
        """Named where the one window surely is most answers, and more of them than of the truths."""
        if hedges(windows) or follows_word(windows):
            return None
        common = most_common(windows)
        same = surely_above(0.5, common.same, windows.videos)
        if same is not None and 2 * (common.same & ~common.true).mean() > same.mean:
            return Trait(
                self.name,
                f"{same.mean:.0%} of the answers (95 % at least {same.low:.0%}) are one window, {common.words}, which "
                f"is that of {common.true.mean():.0%} of the truths",
                {"same": same.mean, "same low": same.low, "true": float(common.true.mean())},
            )
        found = gain(windows)
        if found is None or not found.nothing or may_know(windows):
            return None
        distance = distance_to_prior(windows)
        if distance >= LIKE:
            return None
        return Trait(
            self.name,
            f"its answers have a tIoU of {found.own:.2f} with their own truth, and {found.own - found.mean:.2f} if "
            f"they are permuted between queries: they tell no more than where moments usually lie, and are spread "
            f"like these (distance {distance:.2f}, of windows anywhere 1)",
            {"tIoU": found.own, "gain": found.mean, "gain high": found.high, "distance to the prior": distance},
        )
