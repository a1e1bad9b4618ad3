"""The probe: one that looks needs the frames of its moment, one that guesses needs none."""

from __future__ import annotations

import pytest
from coloured import Guesses, Sees, case, coloured

from whenabouts.trust import PROBES
from whenabouts.trust.need.probe import NeedProbe
from whenabouts.trust.probe import Case


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("need")
    videos = [
        coloured(folder / "a.mp4", ("green", 2), ("grey", 5), ("red", 3)),
        coloured(folder / "b.mp4", ("grey", 5), ("green", 3), ("red", 2)),
        coloured(folder / "c.mp4", ("red", 2), ("blue", 3), ("grey", 4)),
    ]
    return [
        case(videos[0], "red", (7, 10)),
        case(videos[0], "green", (0, 2)),
        case(videos[1], "green", (5, 8)),
        case(videos[1], "red", (8, 10)),
        case(videos[2], "blue", (2, 5)),
        case(videos[2], "green"),
    ]


def test_who_looks_needs_the_frames_of_the_moment(cases: list[Case]) -> None:
    finding = NeedProbe().run(Sees(), cases)
    figures = finding.figures
    assert figures["queries"] == 5 and figures["tIoU intact"] == pytest.approx(1.0)
    assert figures["tIoU reverse"] == pytest.approx(1.0, abs=0.06) and figures["tIoU blank"] == 0.0
    assert figures["FSS"] == pytest.approx(1.0) and figures["temporally sensitive"] >= 0.8
    assert not finding.flaws
    assert any("1 queries do not happen" in note for note in finding.notes)
    assert finding.curves["necessity"].y[-1] == figures["tIoU intact"]
    assert [row["query"] for row in finding.rows] == ["red", "green", "green", "red", "blue"]


def test_who_guesses_needs_none(cases: list[Case]) -> None:
    right = [case(each.video, each.query, (4.1, 8)) for each in cases]
    finding = NeedProbe().run(Guesses(0.4, 0.8), right)
    assert finding.figures["FSS"] == 0.0 and finding.figures["answered blind"] == 1.0
    assert [flaw.name for flaw in finding.flaws] == ["needs-no-frames"]


def test_without_truth_the_answer_stands_for_it(cases: list[Case]) -> None:
    finding = NeedProbe().run(Sees(), [Case(each.video, each.query) for each in cases])
    assert finding.figures["tIoU intact"] == 1.0 and finding.figures["queries"] == 5
    assert any("neither truth nor answer" in note for note in finding.notes)


def test_a_moment_that_fills_the_video_has_no_outside(cases: list[Case]) -> None:
    finding = NeedProbe().run(Guesses(0.0, 1.0), [case(cases[0].video, "red", (0, 10))])
    assert "FSS" not in finding.figures and finding.rows[0]["FSS"] is None
    assert finding.figures["answered blind"] == 1.0


def test_nothing_to_ask_is_no_error(cases: list[Case]) -> None:
    assert NeedProbe().run(Sees(), []).figures == {"queries": 0}
    assert PROBES["need"] is NeedProbe
