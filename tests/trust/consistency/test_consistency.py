"""Probes of consistency: a grounder that looks passes each, one that does not is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from coloured import COLOURS, Guesses, Sees, case, coloured

from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.trust import PROBES, Case, Probe
from whenabouts.trust.consistency.composition import CompositionProbe
from whenabouts.trust.consistency.occurrence import OccurrenceProbe
from whenabouts.trust.consistency.rephrase import RephraseProbe
from whenabouts.trust.consistency.shift import ShiftProbe
from whenabouts.trust.consistency.wording import parts_of, reworded
from whenabouts.video import Video

NAMES = ("rephrase", "shift", "occurrence", "composition")


class Understands(Sees):
    """Looks for the colours of a sentence: the stretch from the first to the last of them."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        answers = []
        for query in queries:
            found = super().ground(video, re.findall("|".join(COLOURS), query))
            moments = [each.best for each in found if each.best is not None]
            if len(moments) < len(found):
                answers.append(Prediction(query, (), video.duration, presence=0.0))
                continue
            whole = Moment(min(m.start for m in moments), max(m.end for m in moments))
            answers.append(Prediction(query, (whole,), video.duration, presence=0.95))
        return answers


class Literal(Guesses):
    """Answers somewhere that only the letters of the query decide."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        answers = super().ground(video, queries)
        starts = [crc32(query.encode()) % 10 * video.duration / 10 for query in queries]
        moved = [Moment(start, start + video.duration / 10) for start in starts]
        return [replace(answer, moments=(moment,)) for answer, moment in zip(answers, moved, strict=True)]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Video]:
    shots = ("grey", 2.0), ("red", 1.5), ("blue", 1.5), ("grey", 5.0)
    with coloured(tmp_path_factory.mktemp("colours") / "a.mp4", *shots) as opened:
        yield opened


def cases(video: Video, count: int = 8) -> list[Case]:
    return [case(video, f"a man paints it red {number}", (2.0, 3.5)) for number in range(count)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("known", [True, False])
def test_who_looks_is_consistent_with_truth_and_without(video: Video, name: str, known: bool) -> None:
    asked = [*cases(video, 2), case(video, "a man paints it red, then paints it blue", (2.0, 5.0))]
    found = PROBES.named(name)().run(Understands(), asked if known else [replace(c, truth=None) for c in asked])
    expected = {
        "rephrase": {"same": 1.0, "tIoU": 1.0},
        "shift": {"follows": 1.0, "stays": 0.0},
        "occurrence": {"recognised": 1.0},
        "composition": {"inside": 1.0, "in order": 1.0},
    }
    assert expected[name].items() <= dict(found.figures).items() and not found.flaws
    score = {"rephrase": "R-Ground", "shift": "S-Ground"}.get(name)
    assert score is None or found.figures.get(score) == (1.0 if known else None)


@pytest.mark.parametrize(
    ("probe", "grounder", "flaw"),
    [
        (RephraseProbe(), Literal(0, 1), "changes-with-wording"),
        (ShiftProbe(), Guesses(0.2, 0.35), "keeps-the-place"),
        (OccurrenceProbe(), Guesses(0.2, 0.35), "doubts-own-answers"),
    ],
)
def test_who_does_not_look_is_named(video: Video, probe: Probe, grounder: Guesses, flaw: str) -> None:
    found = probe.run(grounder, cases(video))
    assert [one.name for one in found.flaws] == [flaw]
    assert not probe.run(grounder, cases(video, 7)).flaws, "of so few queries nothing is said"


def test_parts_that_are_answered_elsewhere_are_named(video: Video) -> None:
    asked = [case(video, f"a man paints {n} red, then sits down", (2.0, 3.5)) for n in range(8)]

    class Elsewhere(Guesses):
        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            place = Moment(2.0, 3.5) if "then" in queries[0] else Moment(7.0, 8.0)
            return [replace(answer, moments=(place,)) for answer in super().ground(video, queries)]

    assert [flaw.name for flaw in CompositionProbe().run(Elsewhere(0, 1), asked).flaws] == ["parts-elsewhere"]


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_asked_is_passed_over_in_a_note(video: Video, name: str) -> None:
    asked = [case(video, "green"), Case(video, "red", np.array([[0.0, 10.0]])), Case(video, "green", None)]
    found = PROBES.named(name)().run(Understands(), asked)
    assert not found.flaws and found.notes and not any(np.isnan(list(found.figures.values())))
    assert not PROBES.named(name)().run(Understands(), []).figures


def test_rewordings_of_a_data_set_are_asked_in_place_of_ours(video: Video) -> None:
    query = "a man paints it red 0"
    found = RephraseProbe(wordings={query: ["blue"]}).run(Understands(), cases(video, 1))
    assert found.figures["same"] == 0.0 and not any("reworded" in note for note in found.notes)


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("The dog runs while barking", (["The dog runs", "The dog barking"], False)),
        ("he sits and she stands", ([], False)),
        ("he sits and reads a book", (["he sits", "he reads a book"], False)),
        ("salt and pepper", ([], False)),
        ("", ([], False)),
    ],
)
def test_parts(query: str, parts: tuple[list[str], bool]) -> None:
    assert parts_of(query) == parts


def test_rewordings_differ_from_the_query() -> None:
    for query in ("A person closes the door.", "Obama speaks", "xyz"):
        others = reworded(query)
        assert len(set(others)) == len(others) >= 2 and query not in others
