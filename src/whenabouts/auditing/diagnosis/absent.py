"""What became of queries that do not happen."""

from __future__ import annotations

from whenabouts.auditing.judged import Judged

__all__ = ["ABSENT_OUTCOMES", "absent_outcomes"]

ABSENT_OUTCOMES = {
    "right refusal": "it does not happen, and the answer says so",
    "false alarm": "it does not happen, and the answer says when",
    "no answer": "it does not happen, and there is no answer, or none could be read",
}


def absent_outcomes(judged: Judged) -> tuple[str, ...]:
    """A name in ABSENT_OUTCOMES for each of `judged.absent`; to state a low presence is to say that it does not."""

    def outcome(qid: str | int) -> str:
        windows = judged.windows.get(qid)
        if windows is None:
            return "no answer"
        return "false alarm" if len(windows) and qid not in judged.doubted else "right refusal"

    return tuple(outcome(e.qid) for e in judged.absent)
