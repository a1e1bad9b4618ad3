"""Kinds of evidence: one dict, to which another package adds a kind that then finds moments like any other."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import InputError, MissingExtra
from whenabouts.evidence import (
    KINDS,
    Answer,
    EvidenceKind,
    EvidenceModels,
    EvidenceSettings,
    HeldKinds,
    MomentKind,
    TimedText,
    gather,
    word_kinds,
)
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.retrieve import retrieve
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

SCOREBOARD = """
import re
from whenabouts.evidence import TimedText, WordKind

class Scoreboard(WordKind):
    name, label, help = "scoreboard", "on the scoreboard", "Goals, as a file beside the video tells them."
    phrases = (re.compile(r"the scoreboard shows (?P<words>.+)", re.IGNORECASE),)

    def lines(self, video, settings):
        rows = [row.split(",") for row in video.path.with_suffix(".csv").read_text().splitlines()]
        return [TimedText(float(start), float(end), text, self.name, "goals.csv") for start, end, text in rows]
"""


@pytest.fixture
def scoreboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with one kind of evidence, as pip installs it."""
    (tmp_path / "goal_lines.py").write_text(SCOREBOARD)
    about = tmp_path / "goal_lines-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: goal-lines\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[whenabouts.evidence]\nscoreboard = goal_lines:Scoreboard\n")
    monkeypatch.syspath_prepend(tmp_path)
    KINDS.__dict__.pop("plugins", None)  # found once a process
    yield
    KINDS.__dict__.pop("plugins", None)
    sys.modules.pop("goal_lines", None)


@pytest.fixture
def video(tmp_path: Path) -> Iterator[Video]:
    path = tmp_path / "match.mp4"
    compose(path, [Still(np.full((96, 128, 3), 128, np.uint8), 40.0, 1.0)], size=(128, 96), rate=1)
    path.with_suffix(".csv").write_text("10,14,Reds 1 Blues 0\n30,34,Reds 1 Blues 1\n33,99,Reds 2 Blues 1\n")
    with Video(path) as opened:
        yield opened


@pytest.mark.usefixtures("scoreboard")
def test_a_kind_from_outside_finds_moments(video: Video) -> None:
    assert list(KINDS) == ["seen", "said", "written", "signal", "heard", "scoreboard"]
    assert word_kinds() == ("said", "written", "scoreboard")
    [answer] = Similarity(evidence=("scoreboard",), threshold=0.9).ground(video, ['the scoreboard shows "Blues 1"'])
    assert sorted((m.start, m.end) for m in answer.moments) == [(30.0, 34.0), (33.0, 40.0)]
    assert {e.kind for m in answer.moments for e in m.evidence} == {"scoreboard"}
    assert answer.receipt is not None and answer.receipt.settings["evidence"] == ["scoreboard"]


@pytest.mark.usefixtures("scoreboard")
def test_a_kind_from_outside_is_gathered_asked_for_and_searched(video: Video) -> None:
    assert gather(video, ["scoreboard"])[0].text == "Reds 1 Blues 0"
    assert {line.kind for line in gather(video)} == {"scoreboard"}
    assert parse_phrasing("the scoreboard shows a draw").kind == "scoreboard"
    [answer] = RetrieveThenGround(evidence=("scoreboard",)).ground(video, ['the scoreboard shows "Reds 2"'])
    assert answer.best is not None and answer.best.start == 33.0
    assert [e.text for e in answer.best.evidence] == ["Reds 2 Blues 1"]


class Loudness(MomentKind):
    """A kind that answers by itself: the last second, always."""

    name, label, help = "loud", "loud", "Where it is loud."

    def answers(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        return [Answer((Moment(video.duration - 1, video.duration, 0.8),)) for _ in queries]


def test_a_kind_may_answer_by_itself(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS.own, "loud", Loudness)
    answers = Similarity(evidence=("loud",)).ground(video, ["applause", "he says 'applause'"])
    assert [(a.best.start, a.best.score, a.presence) for a in answers if a.best] == [(39.0, 0.8, 0.8), (39.0, 0.2, 0.2)]


def test_every_kind_says_what_it_is() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name and kind.label and kind.help.endswith(".")


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="unknown evidence kind 'felt'; choose from: seen, said, written"):
        HeldKinds().chosen(["seen", "felt"])


def test_a_kind_without_lines_is_not_gathered(video: Video) -> None:
    with pytest.raises(InputError, match="'seen' gives no lines of text; choose from: said, written"):
        gather(video, ["seen"])


def test_what_is_not_installed_is_missed_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.evidence.kinds.find_spec", lambda name: None)
    assert [kind.name for kind in HeldKinds().chosen()] == ["seen", "said", "signal", "heard"]
    assert HeldKinds().chosen(["written"], required=False) == []
    with pytest.raises(MissingExtra, match=r"written on screen needs an extra: pip install 'whenabouts\[ocr\]'"):
        HeldKinds().chosen(["written"])


def test_kinds_are_made_once() -> None:
    held = HeldKinds(EvidenceModels(speech_model="tiny"))
    first: list[EvidenceKind] = held.chosen(["said", "seen"])
    assert [kind.name for kind in first] == ["seen", "said"]
    assert all(one is other for one, other in zip(first, held.chosen(["seen", "said"]), strict=True))
    assert held.weight_bytes == 0  # nothing was asked yet


def test_lines_of_a_kind_that_is_gone_still_answer() -> None:
    """A library keeps lines of kinds whose package may be removed since; they stand alone."""
    lines = [TimedText(at, at + 1.0, text, "gone", "file") for at, text in ((0.0, "well I"), (1.0, "never"))]
    [found] = retrieve(lines, ["I never"], EvidenceModels())
    assert {line for match in found for line in match.lines} == set(lines)
