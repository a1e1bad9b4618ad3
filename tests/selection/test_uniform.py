"""Uniform selection, on a video whose pictures come at uneven times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.selection import Selection, load_selector
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

TIMES = [0.0, 0.4, 0.5, 2.0, 2.1, 5.0, 9.5]
VIDEO = InMemoryVideo([Frame(t, np.zeros((4, 4, 3), np.uint8)) for t in TIMES], 0.0, 10.0)


@given(st.integers(1, 20))
def test_chosen_are_pictures_on_show_in_the_middle_of_equal_parts(budget: int) -> None:
    chosen = load_selector("uniform").select(VIDEO, "a dog", budget).times
    middles = [(k + 0.5) * 10 / budget for k in range(budget)]
    on_show = sorted({max(t for t in TIMES if t <= m) for m in middles})
    assert list(chosen) == (on_show if budget < len(TIMES) else TIMES)


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(InputError, match="at least one frame"):
        load_selector("uniform").select(VIDEO, "a dog", 0)
    with pytest.raises(InputError, match="do not increase"):
        Selection("mine", "a dog", (1.0, 1.0))
    with pytest.raises(InputError, match="2 scores of 1"):
        Selection("mine", "a dog", (1.0,), (1.0, 2.0))
