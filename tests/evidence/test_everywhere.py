"""What answers over a whole video: cheapest first, only what was asked for, and within a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from whenabouts.evidence import EvidenceModels, EvidenceSettings, HeldKinds
from whenabouts.evidence.everywhere import Chosen, Everywhere, Found
from whenabouts.evidence.phrasing import sought
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose

LINES = [Line(1.0, 3.0, "We admit our mistake."), Line(5.0, 7.0, "The bridge was closed in May.")]


@pytest.fixture(scope="module")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    compose(path, [Still(np.full((96, 128, 3), 128, np.uint8), 10.0)], lines=LINES, size=(128, 96), rate=4)
    return path


@pytest.fixture
def video(video_path: Path) -> Iterator[Video]:
    with Video(video_path) as opened:
        yield opened


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is decoded or read from pictures from now on."""
    from whenabouts.evidence.screen_text import ScreenReader
    from whenabouts.video.decode import Decoder

    calls: list[str] = []
    for kind, name in ((ScreenReader, "read"), (Decoder, "__init__")):
        real = getattr(kind, name)

        def counted(self: object, *args: object, _real: object = real, _kind: type = kind, **more: object) -> object:
            calls.append(_kind.__name__)
            return _real(self, *args, **more)  # type: ignore[operator]

        monkeypatch.setattr(kind, name, counted)
    return calls


def test_a_receipt_names_what_compared_words_whether_vectors_were_kept_or_not(
    video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    receipts = []
    for _ in range(2):  # the second finds the vectors of the first
        [answer] = Similarity(evidence=("said",)).ground(video, ["they say the bridge was closed"])
        receipts.append(answer.receipt)
    assert receipts[0] == receipts[1] and receipts[0] is not None and receipts[0].models
    held = Similarity()
    held.ground(video, ["they say the bridge was closed"])
    [seen] = held.ground(video, ["a grey wall"])
    [fresh] = Similarity().ground(video, ["a grey wall"])
    assert seen.receipt == fresh.receipt, "what an earlier question needed is not named"


@pytest.mark.parametrize("grounder", [Similarity, RetrieveThenGround])
def test_nothing_is_looked_at_that_was_not_asked_for(video: Video, looked: list[str], grounder: type) -> None:
    [said] = grounder(evidence=("said",), cache=False).ground(video, ["they say the bridge was closed"])
    assert said.best is not None and (said.best.start, said.best.end) == (5.0, 7.0) and looked == []
    [words] = grounder(cache=False).ground(video, ["they say the bridge was closed"])
    assert words.best == said.best and looked == [], "subtitles answer a query about words, and no picture is needed"
    grounder(evidence=("seen",), cache=False).ground(video, ["a bridge"])
    assert set(looked) == {"Decoder"}


def test_every_step_knows_more(video: Video) -> None:
    kinds = HeldKinds(EvidenceModels())
    chosen = Chosen(kinds.chosen(("seen", "said")), by_name=True)
    everywhere = Everywhere(chosen, kinds.models, EvidenceSettings(cache=False))
    steps = [found for [found] in everywhere.steps(video, [sought("the bridge was closed")])]
    assert [set(step.likely) for step in steps[:2]] == [{"said"}, {"said"}]
    assert set(steps[-1].likely) == {"said", "seen"} and steps[-1].saliency is not None


def test_a_limit_ends_the_work_and_keeps_what_is_known(video: Video) -> None:
    kinds = HeldKinds(EvidenceModels())
    chosen = Chosen(kinds.chosen(("seen", "said")), by_name=True)
    everywhere = Everywhere(chosen, kinds.models, EvidenceSettings(cache=False), enough=lambda: "1 s")
    *_, [last] = everywhere.steps(video, [sought("the bridge was closed")])
    assert last.moments and set(last.likely) == {"said"}
    assert last.notes == ["the budget of 1 s was spent before all evidence was looked at"]


def test_what_does_not_happen_is_not_answered_by_what_does(video: Video) -> None:
    [negated] = Similarity(evidence=("seen", "said"), cache=False).ground(video, ["nobody is on screen"])
    assert negated.moments == () and any("does not happen" in note for note in negated.notes)


def test_a_kind_that_only_ranks_leaves_presence_open() -> None:
    ranked = Found(likely={"seen": 1.0, "said": 0.2}, uncertain={"seen"})
    assert ranked.presence is None
    ranked.likely["said"] = 0.8
    assert ranked.presence == 0.8
