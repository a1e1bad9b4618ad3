"""What became of a query: one outcome for each, told apart in one order.

The order asks what kept the answer from being right, the most decisive first:

1. Is it right? Whatever else is true of a right answer, nothing has to be mended: `hit`.
2. Was anything claimed? Without a claim there is no window to look at: `parse`, `refused`.
3. Does the answer depend on the video? One that covers nearly all of it, or repeats what is usual in the training
   split, commits to nothing, wherever it lies: `hedge` before `prior copy`, for a whole video may be the usual answer.
4. Does it touch the truth? Then the place was found, and its ends tell what is off: `loose`, `tight`, `shifted`,
   `partial`. A better window at a later rank changes nothing about that.
5. Else another moment was taken. The right one may be among the later answers, `ranking`; they may all repeat the
   first, `duplicate`; or it is not there: `near miss`, `search`, `recognition`.

The outcomes of boundaries and the two of the wrong moment are those that DETAD (arXiv:1807.10706) and ExtremeWhenBench
(arXiv:2606.12300) tell apart, for one query; the numbers are ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.diagnosis.facts import Facts

__all__ = ["OUTCOMES", "outcomes"]

OUTCOMES = {
    "hit": "the answer is right at the threshold",
    "parse": "there is no answer, or none could be read",
    "refused": "the answer is that it does not happen",
    "hedge": "the answer covers more than 0.8 of the video",
    "prior copy": "the answer is usual in the training split: IoU above 0.8 with a window that is right often there",
    "loose": "the answer contains the true moment and is too long",
    "tight": "the answer lies inside the true moment and is too short",
    "shifted": "the answer is as long as the true moment, up to a quarter, and overlaps it too little",
    "partial": "the answer overlaps the true moment and has another length",
    "ranking": "a right moment is among the first five answers, but not first",
    "duplicate": "all further answers repeat the first, which is another moment",
    "near miss": "another moment near the true one: within 30 s, or five times its length",
    "search": "another moment far away, or no region that was looked at holds the true one",
    "recognition": "a region that was looked at holds the true moment, and another far away was taken",
}
HEDGE = 0.8  # share of the video
ALIKE = 0.25  # lengths that differ less are the same
NEAR_SECONDS, NEAR_LENGTHS = 30.0, 5.0
EXACT = 1e-9  # seconds: what float arithmetic leaves


def outcomes(facts: Facts) -> NDArray[np.str_]:
    """(Q,) a name in OUTCOMES for every query."""
    (start, end), (low, high) = facts.first.T, np.sort(facts.truth, axis=1).T
    length, true = end - start, high - low
    touches = (facts.overlap > 0) | ((true == 0) & (start <= low) & (high <= end))
    apart = np.abs((start + end) - (low + high)) / 2
    near = apart <= np.maximum(NEAR_SECONDS, NEAR_LENGTHS * true)
    covered = np.minimum(end, facts.duration) - np.maximum(start, 0)  # a window beyond the video covers none of it
    hedged = covered > HEDGE * facts.duration
    told = [
        ("hit", facts.hit),
        ("parse", ~facts.read),
        ("refused", ~facts.given),
        ("hedge", hedged),
        ("prior copy", facts.copied),
        ("loose", touches & (start <= low + EXACT) & (end >= high - EXACT)),
        ("tight", touches & (start >= low - EXACT) & (end <= high + EXACT)),
        ("shifted", touches & (np.abs(length - true) <= ALIKE * true + EXACT)),
        ("partial", touches),
        ("ranking", facts.rank > 1),
        ("duplicate", (facts.later > 0) & (facts.repeats == facts.later)),
        ("search", facts.looked == 0),
        ("near miss", near),
        ("recognition", facts.looked == 1),
    ]
    return np.select([held for _, held in told], [name for name, _ in told], default="search")
