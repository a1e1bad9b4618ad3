"""What can be asked: the same names and defaults everywhere, and bad values told in one sentence."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import pytest

from whenabouts.cli.find import EvidenceKind, find
from whenabouts.cli.library import search
from whenabouts.commands import LONG, EvidenceName, Find, Search
from whenabouts.errors import InputError, QueryError
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity


@pytest.mark.parametrize(("model", "command"), [(Find, find), (Search, search)])
def test_the_command_line_has_every_field_with_the_same_default(model: Any, command: Any) -> None:
    options = inspect.signature(command).parameters
    for name, field in model.model_fields.items():
        assert name in options, f"{command.__name__} lacks {name}"
        if not field.is_required():
            assert options[name].default == field.default, name


def test_the_command_line_knows_every_kind_of_evidence() -> None:
    assert {kind.value for kind in EvidenceKind} == set(get_args(EvidenceName))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"queries": ["a cat", "\t"]}, "a query is empty; say in a few words what to look for"),
        ({"queries": []}, "queries: list should have at least 1 item after validation, not 0"),
        ({"queries": ["a" * 2001]}, "queries.0: string should have at most 2000 characters"),
        ({"queries": ["a"], "top": 0}, "top: input should be greater than or equal to 1"),
        ({"queries": ["a"], "paht": "x"}, "paht: extra inputs are not permitted"),
    ],
)
def test_bad_values_are_told_in_one_sentence(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(QueryError) as error:
        Find.of(**fields)
    assert str(error.value) == told


def test_long_videos_are_searched_first_unless_told_otherwise() -> None:
    asked = Find(queries=["a cat"])
    assert isinstance(asked.grounder(LONG - 1), Similarity)
    assert isinstance(asked.grounder(LONG), RetrieveThenGround)
    assert isinstance(Find(queries=["a cat"], search=False).grounder(LONG), Similarity)
    assert isinstance(Find(queries=["a cat"], evidence=("said",)).grounder(LONG), Similarity)
    short = Find(queries=["a cat"], budget="3s", top=2, encoder="builtin", evidence=("seen", "said")).grounder(1.0)
    assert isinstance(short, RetrieveThenGround)
    assert (short.top, short.encoder, short.evidence, short.settings) == (2, "builtin", ("seen", "said"), {})


def test_a_budget_that_is_none_is_told() -> None:
    with pytest.raises(InputError, match="a budget is 30s"):
        Find(queries=["a cat"], budget="soon").grounder(1.0)
