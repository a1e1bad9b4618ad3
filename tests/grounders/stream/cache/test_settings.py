"""Every setting of every policy stands on the page with its default."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from whenabouts.grounders.stream.cache import POLICIES

PAGE = Path(__file__).parents[4] / "docs" / "streaming-models.md"
ROW = re.compile(r"^\| `([\w-]+)` \| `(\w+)` \| ([\w.]+) \|", re.MULTILINE)


@pytest.mark.parametrize("name", POLICIES.own)
def test_the_page_tells_the_defaults(name: str) -> None:
    told = {setting: default for policy, setting, default in ROW.findall(PAGE.read_text("utf-8")) if policy == name}
    policy = POLICIES.named(name)
    assert told == {each.name: str(each.default) for each in fields(policy) if each.init}  # type: ignore[arg-type]
    assert policy().settings() == {each.name: each.default for each in fields(policy) if each.init}  # type: ignore[arg-type]
