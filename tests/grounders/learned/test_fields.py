"""Any field by name: what is typed is checked, and a wrong name is answered with those near it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import InputError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.fields import changed, combinations, settable  # noqa: E402

KIND = HEADS["2d-tan"]


def test_values_go_where_they_belong() -> None:
    values = {"rate": 2e-4, "kernels": [5, 5], "low": 0.4, "clip": None, "suppress": 1}
    made = changed(KIND, KIND.recipe("tacos"), values)
    assert (made.rate, made.clip) == (2e-4, None)
    assert made.config["kernels"] == (5, 5) and made.config["stride"] == 2
    assert (made.options["low"], made.options["suppress"], made.options["high"]) == (0.4, 1.0, 0.7)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"kernel": 3}, "has no setting 'kernel'; near it are: kernels"),
        ({"video_dim": 3}, "has no setting 'video_dim'"),
        ({"hidden": 3.5}, "hidden cannot be 3.5: input should be a valid integer"),
        ({"batch": 0}, "batch cannot be 0"),
        ({"rate": float("inf")}, "rate cannot be inf"),
        ({"schedule": "slow"}, "schedule cannot be 'slow': input should be 'constant'"),
        ({"epochs": None}, "epochs cannot be None"),
    ],
)
def test_a_wrong_setting_is_one_sentence(values: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told.replace("(", r"\(")) as refused:
        changed(KIND, KIND.recipe(), values)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", HEADS)
def test_every_keyword_of_a_head_can_be_set(name: str) -> None:
    kind = HEADS[name]
    with torch.device("meta"):
        options = set(kind.published().options) - {"config"}
    assert options - {"classes"} <= set(settable(kind))  # which the annotations give


def test_combinations_are_all() -> None:
    found = combinations(["rate=1e-4, 2e-4", "clip=none,1", "schedule=step"])
    assert [(each["rate"], each["clip"]) for each in found] == [(1e-4, None), (1e-4, 1), (2e-4, None), (2e-4, 1)]
    assert combinations([]) == [{}]


@pytest.mark.parametrize("text", ["rate", "=3", "rate=", "rate=1,,2", ""])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no setting; write NAME=VALUE"):
        combinations([text])


def test_a_setting_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="rate is set twice"):
        combinations(["rate=1", "rate=2"])


@given(
    st.lists(
        st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=4, unique=True
    )
)
def test_numbers_come_back_as_typed(values: list[float]) -> None:
    found = combinations(["x=" + ",".join(map(repr, values))])
    assert [each["x"] for each in found] == values


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        *((name, f"{name}=0", "more than 0|greater than 0") for name in ("projections", "queries", "longest", "grid")),
        *((name, f"{name}=0", "more than 0|greater than 0") for name in ("words", "gamma", "encoder_layers")),
        ("drop", "drop=0", "step needs drop"),
    ],
)
def test_sizes_that_nothing_can_have_are_refused(name: str, text: str, told: str) -> None:
    kind = HEADS["moment-detr"]
    [values] = combinations([text])
    with pytest.raises(InputError, match=told):
        changed(kind, kind.recipes["qvhighlights"], values)
    assert changed(kind, kind.recipes["qvhighlights"], {"contrastive": 0, "longest": None}).config["contrastive"] == 0


def test_one_value_twice_is_no_sweep() -> None:
    with pytest.raises(InputError, match="hidden is to be 64 twice"):
        combinations(["hidden=64,32,64"])
