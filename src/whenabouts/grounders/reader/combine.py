"""One score of what retrieval finds and what a reader names.

    named by both       1 - (1 - p)(1 - NAMED)     more than either says alone
    the reader alone    NAMED                      never more: what a subtitle talked the reader into ends here
    retrieval alone     p (1 - PASSED_OVER)        where the reader read those lines and named others
                        p (1 - FOUND_NOTHING)      where it read the whole transcript and named nothing
                        p                          where it did not read those lines

p is the probability that retrieval gives. The three constants are chosen and not fitted: how often a reader is right
depends on the model, and none was measured. So the scores keep retrieval's order wherever the reader says the same of
two matches, and a reader that is always wrong can lower a match, or put a moment of NAMED beside it, and do no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whenabouts.evidence.retrieve import Match
from whenabouts.grounders.reader.reading import ReaderAnswer, Reading

__all__ = ["NAMED", "combined"]

NAMED = 0.5
PASSED_OVER = 0.15
FOUND_NOTHING = 0.4
SAME = 0.5  # of the shorter of two stretches: if so much is shared, they are about the same words


def combined(matches: Sequence[Match], answer: ReaderAnswer) -> list[Match]:
    """The matches of one query with the scores of both, best first; what only the reader names is among them."""
    named_nothing = FOUND_NOTHING if not answer.readings and not answer.unread else PASSED_OVER
    found, alone = [], list(answer.readings)
    for match in matches:
        agreeing = [reading for reading in answer.readings if _same(match, reading)]
        alone = [reading for reading in alone if reading not in agreeing]
        p = match.probability
        if agreeing:
            p = 1 - (1 - p) * (1 - NAMED)
        elif not any(line.start < match.end and match.start < line.end for line in answer.unread):
            p *= 1 - named_nothing
        found.append(replace(match, probability=p))
    found += [Match(reading.start, reading.end, reading.lines, NAMED) for reading in alone]
    return sorted(found, key=lambda match: (-match.probability, match.start, match.end))


def _same(match: Match, reading: Reading) -> bool:
    """Whether both are about the same words: of one kind, and at the same time."""
    if not {line.kind for line in match.lines} & {line.kind for line in reading.lines}:
        return False
    shared = min(match.end, reading.end) - max(match.start, reading.start)
    return shared > 0 and shared >= SAME * min(match.end - match.start, reading.end - reading.start)
