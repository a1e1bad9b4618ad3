"""`Calibrated`: any grounder with calibrated presence, ranges of start and end, and answers left out when unlikely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.grounder import Early, Grounder, ask
from whenabouts.prediction import Prediction
from whenabouts.trust.answered import Answered
from whenabouts.trust.calibrator import Calibrator

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Calibrated"]


@dataclass
class Calibrated:
    """A grounder around another, whose whole sentences it asks; what that one reads apart, it reads apart inside.

    calibrator: replaces presence, and gives the best moment a `spread` that holds the true start and end with its
                coverage; the other moments then have none. None leaves both as they are
    abstain:    below this presence a query is left unanswered: no moments, and a note says why. None is what the
                calibrator has, 0 answers always
    understand: as `ask` takes it, for grounders that do not take queries apart themselves

    An answer of another model than the calibrator was fitted on is refused; other settings are told in a note.
    """

    whole: ClassVar[bool] = True

    grounder: Grounder
    calibrator: Calibrator | None = None
    abstain: float | None = None
    understand: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.grounder, Calibrated):
            raise InputError("a grounder that is calibrated already cannot be calibrated again; wrap the one inside it")
        if self.abstain is not None and not 0 <= self.abstain <= 1:
            raise InputError(f"a presence to abstain below lies between 0 and 1, not {self.abstain:g}")

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order. Raises as the grounder, ModelError."""
        return [self.applied(each) for each in ask(self.grounder, video, queries, understand=self.understand)]

    def early(self, told: Early) -> Early:
        """Who is told of the calibrated form of what is known so far."""

        def applied(each: Prediction) -> Prediction:
            nothing = each.presence is None and not each.moments  # so far, of which nothing can be said
            return each if nothing else self.applied(each)

        return lambda found: told([applied(each) for each in found])

    def applied(self, answer: Prediction) -> Prediction:
        """The calibrated form of an answer. Raises ModelError for one of another model, or without presence."""
        made = answer if self.calibrator is None else _calibrated(self.calibrator, answer)
        below = self.abstain if self.abstain is not None or self.calibrator is None else self.calibrator.abstain
        if not below:
            return made
        if made.presence is None:
            raise ModelError(
                "this model does not say how likely a query happens, so it cannot abstain below a presence; "
                "give a calibrator of `whenabouts calibrate`"
            )
        presence, made = made.presence, _with_settings(made, abstain=below)
        if presence >= below or not made.moments:
            return made
        note = f"left unanswered: it happens with a probability of {presence:.2f}, below {below:.2f}"
        return replace(made, moments=(), notes=(*made.notes, note))


def _calibrated(calibrator: Calibrator, answer: Prediction) -> Prediction:
    problem, notes = calibrator.unlike(answer.receipt)
    if problem is not None:
        raise ModelError(f"the calibrator does not fit this model: {problem}; calibrate it with `whenabouts calibrate`")
    presence = calibrator.presence.probability(Answered.of("", answer, np.zeros((0, 2))))
    moments = answer.moments
    if (ranges := calibrator.ranges) is not None and moments:
        best, others = moments[0], moments[1:]
        ranged = replace(best, spread=ranges.radii(answer.duration, best.start, best.end))
        moments = (ranged, *(replace(other, spread=None) for other in others))  # nothing is known of these
        if answer.duration > ranges.longest:
            notes.append(
                f"this video is longer than the longest that was calibrated on, {ranges.longest:.0f} s: "
                "what its ranges hold is not known"
            )
    made = replace(answer, presence=presence, moments=moments, notes=(*answer.notes, *notes))
    return _with_settings(made, calibrator=calibrator.named())


def _with_settings(answer: Prediction, **settings: object) -> Prediction:
    receipt = answer.receipt
    if receipt is None:
        return answer
    return replace(answer, receipt=replace(receipt, settings=receipt.settings | settings))
