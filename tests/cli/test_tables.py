"""What a person reads at the terminal."""

from __future__ import annotations

import pytest

from whenabouts import Evidence, Moment, Prediction
from whenabouts.cli.tables import clock, print_predictions


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00.0"), (59.94, "0:59.9"), (59.96, "1:00.0"), (3599.99, "1:00:00.0"), (36000.5, "10:00:00.5")],
)
def test_clock_reads_like_a_player_and_carries_on_rounding(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_table_shows_times_evidence_and_untrusted_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    quote = Evidence("said", 1.0, 4.0, "[red]welcome[/red] back")
    print_predictions([Prediction("[bold]hi[/bold]", (Moment(1.0, 4.0, 0.5, (quote,)),), 60.0, presence=0.9)])
    out = capsys.readouterr().out
    assert "[bold]hi[/bold]" in out and "[red]welcome[/red] back" in out
    assert "0:01.0" in out and "0:04.0" in out and "90%" in out


def test_absence_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    print_predictions([Prediction("a walrus", (), 60.0, presence=0.04)])
    out = capsys.readouterr().out
    assert "probably not in this video" in out and "no moment found" in out
