"""What kind of predictor gave these answers: one that hedges, shifts, copies the prior, or is the truth itself.

`PORTRAITS` has the kinds by name, one a file. `trust.flaws` finds such by asking a grounder again; here nothing but
its answers is known. `beside` says of two sets of answers what each has learned.
"""

from __future__ import annotations

from whenabouts.auditing.judged import Judged
from whenabouts.auditing.portraits.at_random import AtRandom
from whenabouts.auditing.portraits.beside import beside
from whenabouts.auditing.portraits.boundary_noise import BoundaryNoise
from whenabouts.auditing.portraits.first_verb import FirstVerb
from whenabouts.auditing.portraits.first_windows import first_windows
from whenabouts.auditing.portraits.hedger import Hedger
from whenabouts.auditing.portraits.over_long import OverLong
from whenabouts.auditing.portraits.perfect import Perfect
from whenabouts.auditing.portraits.portrait import FEWEST, Portrait, Trait
from whenabouts.auditing.portraits.prior_copier import PriorCopier
from whenabouts.auditing.portraits.shifter import Shifter

__all__ = ["PORTRAITS", "Portrait", "Trait", "beside", "portraits", "untold"]

PORTRAITS: dict[str, Portrait] = {
    portrait.name: portrait
    for portrait in (
        *(Perfect(), Hedger(), PriorCopier(), FirstVerb(), AtRandom()),
        *(OverLong(), Shifter(), BoundaryNoise()),
    )
}


def portraits(judged: Judged) -> list[Trait]:
    """The traits of the answers, in the order of `PORTRAITS`; none where they are too few to tell, see `untold`."""
    windows = first_windows(judged)
    if len(windows) < FEWEST:
        return []
    found = (portrait.trait(windows) for portrait in PORTRAITS.values())
    return [trait for trait in found if trait is not None]


def untold(judged: Judged) -> str | None:
    """Why nothing is told of the kind of predictor, in a sentence; None where the answers are enough."""
    number = len(first_windows(judged))
    if number >= FEWEST:
        return None
    return (
        f"{number} answers have a window beside a truth in a video of known length: what kind of predictor gave them "
        f"cannot be told from fewer than {FEWEST}"
    )
