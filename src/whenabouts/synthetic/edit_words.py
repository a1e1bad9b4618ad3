"""Edits and degradations written as words, such as `cut:10-20`, as people give them on a command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.synthetic.degradation import DEGRADATIONS, Degraded
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edit, Edited, Insert, Move, Retime, Reverse, Shuffle, Swap, TimeMap, View

__all__ = ["FORMS", "edited_by"]

FORMS = (
    "cut:10-20",
    "reverse:5-8",
    "speed:5-8:2",
    "move:5-8:0",
    "swap:1-3:5-8",
    "insert:4:other.mp4:0-3",
    "shuffle:1",
    *(f"{kind}:5-8:3" for kind in DEGRADATIONS),
)


def edited_by(video: Video, words: Sequence[str], *, seed: int = 0) -> tuple[View, TimeMap]:
    """The video after all edits, in their order, each at times of what the one before left; and where times went.

    A word is the name of an edit and its numbers, in seconds, as in `FORMS`: the last number of `speed` is how many
    times as fast, of a degradation its severity, of `move` where to. What is inserted is a path and a stretch of it, or
    all of it. `seed` is of shuffles and degradations. Raises InputError naming the word, VideoError.
    """
    if not words:
        raise InputError(f"no edit was given; edits look like {', '.join(FORMS)}")
    shown: Video = video
    time_map = TimeMap.identity(video.duration)
    for word in words:
        name, _, rest = word.partition(":")
        if name in DEGRADATIONS:
            start, end, severity = _numbers(word, rest, (2, 1))
            if end > shown.duration:
                raise InputError(f"{word!r} ends after the video, which has {shown.duration:.3f} s")
            shown = Degraded(shown, name, _whole(word, severity), start, end, seed=seed)
            continue
        shown = Edited(shown, [_edit(word, name, rest, seed)])
        time_map = time_map.then(shown.time_map)
    assert isinstance(shown, View), "there was a word"
    return shown, time_map


def _edit(word: str, name: str, rest: str, seed: int) -> Edit:
    if name == "insert":
        return _insert(word, rest)
    if name == "shuffle":
        [seconds] = _numbers(word, rest, (1,))
        return Shuffle(seconds, seed)
    if name not in EDITS:
        raise InputError(f"{word!r} is not an edit; edits look like {', '.join(FORMS)}")
    shape, make = EDITS[name]
    return make(_numbers(word, rest, shape))


EDITS: dict[str, tuple[tuple[int, ...], Callable[[list[float]], Edit]]] = {
    "cut": ((2,), lambda n: Cut(*n)),
    "reverse": ((2,), lambda n: Reverse(*n)),
    "speed": ((2, 1), lambda n: Retime(*n)),
    "move": ((2, 1), lambda n: Move(*n)),
    "swap": ((2, 2), lambda n: Swap((n[0], n[1]), (n[2], n[3]))),
}


def _insert(word: str, rest: str) -> Insert:
    at, _, what = rest.partition(":")
    path, _, span = what.rpartition(":")
    try:
        stretch = _numbers(word, span, (2,)) if path else []
    except InputError:
        path, stretch = what, []
    if not (path or what):
        raise _unreadable(word)
    [time] = _numbers(word, at, (1,))
    other = Video(Path(path or what))
    return Insert(time, other, stretch[0], stretch[1]) if stretch else Insert(time, other)


def _numbers(word: str, text: str, shape: Sequence[int]) -> list[float]:
    """Fields between colons, each of so many numbers between hyphens."""
    fields = text.split(":")
    parts = [field.split("-") for field in fields]
    if [len(part) for part in parts] != list(shape):
        raise _unreadable(word)
    try:
        return [float(number) for part in parts for number in part]
    except ValueError:
        raise _unreadable(word) from None


def _whole(word: str, number: float) -> int:
    if number != int(number):
        raise _unreadable(word)
    return int(number)


def _unreadable(word: str) -> InputError:
    name = word.partition(":")[0]
    form = next((form for form in FORMS if form.partition(":")[0] == name), FORMS[0])
    return InputError(f"{word!r} cannot be read; write it like {form}, in seconds")
