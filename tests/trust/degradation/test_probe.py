"""The probe: one that looks is hurt and recovers, one that remembers does not, one that guesses is not hurt."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from coloured import Guesses, Sees, case, coloured

from whenabouts.errors import InputError
from whenabouts.prediction import Prediction
from whenabouts.trust import PROBES
from whenabouts.trust.degradation.probe import DegradationProbe
from whenabouts.trust.probe import Case
from whenabouts.video import Video


class GivesUp(Sees):
    """Once it saw nothing, it never sees anything again."""

    blind = False

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        answers = super().ground(video, queries)
        if self.blind:
            return [Prediction(query, (), video.duration, presence=0.0) for query in queries]
        self.blind = any(not answer.moments for answer in answers)
        return answers


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("degradation")
    video = coloured(folder / "a.mp4", ("grey", 4), ("red", 2), ("grey", 3), ("blue", 1))
    return [case(video, "red", (4, 6)), case(video, "green")]


def test_who_looks_is_hurt_and_recovers(cases: list[Case]) -> None:
    """A picture that stands still shows no red where it stood before red came."""
    finding = DegradationProbe(kinds=("freeze", "defocus"), severities=(5, 1), window=6).run(Sees(), cases)
    figures = finding.figures
    assert figures["sequences"] == 4 and figures["right before"] == 1.0 and figures["right after"] == 1.0
    assert figures["right during freeze"] == 0.5 and figures["right during defocus"] == 1.0
    assert figures["persistence"] == 0.0 and figures["recovery windows"] == 0.0 and not finding.flaws
    assert finding.curves["right during freeze"].x == (0.0, 1.0, 5.0)
    assert finding.curves["right during freeze"].y == (1.0, 1.0, 0.0)
    assert len(finding.rows) == 4 and any("1 queries were passed over" in note for note in finding.notes)


def test_who_gives_up_does_not_recover(cases: list[Case]) -> None:
    probe = DegradationProbe(kinds=("freeze",), severities=(5,), window=6)
    figures = probe.run(GivesUp(), cases[:1]).figures
    assert figures["persistence"] == 1.0 and figures["never recovered"] == 1.0


def test_who_does_not_recover_is_named(cases: list[Case]) -> None:
    class Each(Sees):
        """Blind for the rest of each sequence of four."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = GivesUp()

        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            if self.asked % 4 == 0:
                self.inner = GivesUp()
            self.asked += 1
            return self.inner.ground(video, queries)

    probe = DegradationProbe(kinds=("freeze",) * 5, severities=(5,), window=6)
    finding = probe.run(Each(), cases[:1])
    assert [flaw.name for flaw in finding.flaws] == ["does-not-recover"]


def test_who_guesses_is_not_hurt(cases: list[Case]) -> None:
    figures = DegradationProbe(kinds=("freeze", "drop"), severities=(5,), window=6).run(Guesses(0, 1), cases).figures
    assert figures["hurt"] == 0 and "persistence" not in figures


def test_without_truth_the_answer_stands_for_it(cases: list[Case]) -> None:
    unknown = [Case(each.video, each.query) for each in cases]
    finding = DegradationProbe(kinds=("drop",), severities=(1,), window=6).run(Sees(), unknown)
    assert finding.figures["right before"] == 1.0 and finding.figures["sequences"] == 1


def test_senseless_settings_and_nothing_to_ask(cases: list[Case]) -> None:
    with pytest.raises(InputError):
        DegradationProbe(before=0)
    assert DegradationProbe().run(Sees(), []).figures == {"sequences": 0}
    assert PROBES["degradation"] is DegradationProbe
