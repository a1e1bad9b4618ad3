"""Windows that slide over a moment, and what is counted of the turns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lasting import Lasting

from whenabouts.trust.degradation.probe import figures_of
from whenabouts.trust.degradation.turns import Turns, windows_around

VIDEO = Lasting(60.0)


@given(start=st.integers(0, 590), length=st.integers(1, 590), seconds=st.sampled_from([5.0, 20.0, 100.0]))
def test_every_window_holds_the_moment(start: int, length: int, seconds: float) -> None:
    truth = np.array([[start / 10, min(60.0, (start + length) / 10)]])
    windows = windows_around(VIDEO, truth, seconds, 4)
    if windows is None:
        assert truth[0, 1] - truth[0, 0] > 59.9
        return
    for window in windows:
        assert window.time_map.kept(*truth[0]) == pytest.approx(1.0, abs=1e-6)
        assert window.duration == pytest.approx(min(60.0, max(seconds, 3 * float(truth[0, 1] - truth[0, 0]))))


def test_a_moment_that_fills_its_video_has_no_windows() -> None:
    assert windows_around(VIDEO, np.array([[0.0, 60.0]]), 20.0, 3) is None


def turns(*right: bool, same: tuple[float, ...] = (1.0, 0.5, 0.0)) -> Turns:
    return Turns("q", "noise", 3, right, 1, 1, same)


def test_figures_by_hand() -> None:
    hurt_and_well = turns(True, False, True, True)
    hurt_for_one = turns(True, False, False, True)
    hurt_for_good = turns(True, False, False, False)
    never_hurt = turns(True, True, False, True)
    never_right = turns(False, False, False, False)
    assert [one.recovery for one in (hurt_and_well, hurt_for_one, hurt_for_good)] == [0, 1, None]
    figures = figures_of([hurt_and_well, hurt_for_one, hurt_for_good, never_hurt, never_right])
    assert figures["hurt"] == 3 and figures["persistence"] == pytest.approx(2 / 3)
    assert figures["never recovered"] == pytest.approx(1 / 3) and figures["recovery windows"] == 0.5
    assert figures["right before"] == 0.8 and figures["right during"] == 0.2 and figures["consistency"] == 0.5
