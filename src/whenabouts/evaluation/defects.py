"""What is wrong with annotations: the defects known of published files, found in any file.

`check` looks at one split, `leaks` at two that should have nothing in common. Both only report; nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.statistics import NEAR, same_query
from whenabouts.evaluation.unlike import stem
from whenabouts.query.content import follows
from whenabouts.query.text import letters

__all__ = ["DEFECTS", "Defect", "Leak", "check", "leaks"]


@dataclass(frozen=True, slots=True)
class Defect:
    """One finding: its `kind` (a key of DEFECTS), the query, its place in the file, and the facts."""

    kind: str
    qid: str | int
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Leak:
    """What a test split shares with a training split.

    queries:    rows whose video and query are both in the training split; only letters and digits of a query count, for
                splits made of others have other signs;
    same_words: those of them whose signs are the same too, but for case, outer spaces and a full stop at the end;
    same_rows:  those of these whose windows are the same too, to a hundredth of a second;
    videos:     distinct videos in both; rows of them are `video_rows`; case, folder and suffix of names do not count;
    renamed:    rows of other videos by name whose words, windows and length of video are those of a training row: on
                four benchmarks none is so by chance.
    """

    rows: int
    queries: int
    same_words: int
    same_rows: int
    videos: int
    video_rows: int
    renamed: int
    examples: tuple[str, ...]


DEFECTS = {
    "inverted": "a window ends before it starts",
    "empty": "a window has no length",
    "negative": "a window starts before 0",
    "beyond the end": "a window ends after the video",
    "after the end": "a window starts after the video has ended",
    "no windows": "a query has no window",
    "negative said to happen": "a query that is said not to happen follows from a sentence that happens in its video",
    "no duration": "the video's duration is not known",
    "duplicate qid": "the same qid is used twice",
    "duplicate row": "video, query and windows are all the same as in an earlier row",
    "repeated query": "the same query on the same video has other windows than before",
    "conflicting duration": "the video had another duration before",
    "clip out of range": "a rated clip is beyond the end of the video",
    "clips and windows disagree": "the rated clips are not those inside the windows",
    "empty query": "a query has no words",
}


def check(examples: Sequence[Example]) -> list[Defect]:
    """Every defect of a split, in file order."""
    found: list[Defect] = []
    rows: dict[tuple[str, str], set[bytes]] = {}
    qids: dict[str | int, str] = {}
    durations: dict[str, float | None] = {}
    happening: dict[str, list[str]] = {}
    for e in examples:
        if len(e.windows):
            happening.setdefault(e.video, []).append(e.query)
    for e in examples:

        def report(kind: str, detail: str, e: Example = e) -> None:
            found.append(Defect(kind, e.qid, e.where, detail))

        if e.qid in qids:
            report("duplicate qid", f"qid {e.qid!r} is also at {qids[e.qid]}")
        qids.setdefault(e.qid, e.where)
        if not e.query.strip():
            report("empty query", "the query is empty")
        earlier = rows.setdefault(same_query(e), set())
        if e.windows.tobytes() in earlier:
            report("duplicate row", f"{e.video}: {e.query.strip()!r}")
        elif earlier:
            report("repeated query", f"{e.video}: {e.query.strip()!r}")
        earlier.add(e.windows.tobytes())
        if durations.setdefault(e.video, e.duration) != e.duration:
            report("conflicting duration", f"{e.video}: {e.duration} s and {durations[e.video]} s")
        _check_windows(e, report)
        _check_clips(e, report)
        if e.absent is not None:
            for other in happening.get(e.video, ()):
                if follows(e.query, other, in_order=e.absent == "order"):
                    report("negative said to happen", f"{e.video}: {e.query.strip()!r}, for {other.strip()!r} happens")
                    break
    return found


def leaks(train: Sequence[Example], test: Sequence[Example]) -> Leak:
    """What two splits share, by video and by the words of the query."""
    of_train, of_test = _forms(train), _forms(test)
    known = [set(forms) for forms in zip(*of_train, strict=True)] or [set()] * 5
    found = [[e for e, form in zip(test, of_test, strict=True) if form[n] in known[n]] for n in range(5)]
    by_letters, by_words, same, rows, alike = found
    here = {id(e) for e in rows}
    return Leak(
        rows=len(test),
        queries=len(by_letters),
        same_words=len(by_words),
        same_rows=len(same),
        videos=len({e.video for e in rows}),
        video_rows=len(rows),
        renamed=sum(e.duration is not None and len(e.windows) > 0 and id(e) not in here for e in alike),
        examples=tuple(f"{e.video}: {e.query.strip()!r}" for e in by_letters[:5]),
    )


def _forms(examples: Sequence[Example]) -> list[tuple[Any, ...]]:
    """By what examples are the same: letters, words, words and windows, the video, and all but the video.

    The video is part of each but the last.
    """
    names = {e.video: stem(e.video).casefold() for e in examples}
    forms = []
    for e in examples:
        video, words, windows = names[e.video], e.query.strip().lower().rstrip("."), np.round(e.windows, 2).tobytes()
        said, length = letters(words) or words, e.duration and round(e.duration, 2)
        forms.append(((video, said), (video, words), (video, words, windows), video, (said, length, windows)))
    return forms


def _check_windows(e: Example, report: Callable[[str, str], None]) -> None:
    if not len(e.windows) and e.saliency is None and e.absent is None:
        report("no windows", e.query.strip())
    for start, end in e.windows.tolist():
        if end < start:
            report("inverted", f"{e.video}: {start:g} to {end:g} s")
        elif end == start:
            report("empty", f"{e.video}: {start:g} to {end:g} s")
        if start < 0:
            report("negative", f"{e.video}: {start:g} to {end:g} s")
        if e.duration is None:
            continue
        if start >= e.duration:
            report("after the end", f"{e.video}: {start:g} to {end:g} s of {e.duration:g} s")
        if end > e.duration + NEAR:
            report("beyond the end", f"{e.video}: {start:g} to {end:g} s of {e.duration:g} s")
    if e.duration is None:
        report("no duration", e.video)


def _check_clips(e: Example, report: Callable[[str, str], None]) -> None:
    if e.clip_ids is None or e.duration is None:
        return
    count = int(e.duration / 2)
    if len(e.clip_ids) and not (e.clip_ids.min() >= 0 and e.clip_ids.max() < count):
        report("clip out of range", f"clip {int(e.clip_ids.max())} of a video of {count} clips")
    if len(e.windows):
        inside = np.concatenate([np.arange(int(s / 2), round(t / 2)) for s, t in e.windows.tolist()])
        if set(inside.tolist()) != set(e.clip_ids.tolist()):
            report("clips and windows disagree", f"{len(inside)} clips in the windows, {len(e.clip_ids)} rated")
