from __future__ import annotations

from typing import Any

import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.stream import load_online
from whenabouts.grounders.stream.ranges import within


@pytest.mark.parametrize(
    ("interval", "value"),
    [("[0, 1)", 0), ("[0, 1)", 0.99), ("(0, 1]", 1), ("(0, inf)", 1e300), ("(-inf, inf)", -5)],
)
def test_what_lies_within_passes(interval: str, value: float) -> None:
    within(interval, setting=value)


@pytest.mark.parametrize(
    ("interval", "value"),
    [
        ("[0, 1)", 1),
        ("(0, 1]", 0),
        ("(0, inf)", float("inf")),
        ("[0, 1]", float("nan")),
        ("[0, 1]", True),
        ("[0, 1]", "1"),
    ],
)
def test_all_else_is_refused(interval: str, value: Any) -> None:
    with pytest.raises(InputError, match=r"setting must be a number in .*, got "):
        within(interval, setting=value)


def test_a_whole_number_may_be_asked_for() -> None:
    within("[0, inf)", whole=True, window=3)
    for value in (2.5, float("nan"), float("inf"), -1):
        with pytest.raises(InputError, match="window must be a whole number"):
            within("[0, inf)", whole=True, window=value)


@pytest.mark.parametrize(
    "setting", [{"height": 5}, {"rise": -1}, {"fall": 0}, {"cut": -1}, {"said": 7}, {"memory": float("inf")}]
)
def test_similarity_refuses_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(setting))} must be a number in"):
        load_online("similarity", **setting)
