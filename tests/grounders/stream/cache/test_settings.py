"""Every setting of every policy stands on the page with its default."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from whenabouts.errors import ModelError
from whenabouts.grounders.stream.cache import POLICIES

PAGE = Path(__file__).parents[4] / "docs" / "streaming-models.md"
ROW = re.compile(r"^\| `([\w-]+)` \| `(\w+)` \| ([\w.]+) \|", re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "setting", "wrong", "words"),
    [
        ("window", "budget", "9", "a whole number of 1"),
        ("window", "budget", 2.5, "a whole number of 1"),
        ("window", "budget", True, "a whole number of 1"),
        ("rekv", "local", float("nan"), "a whole number of 1"),
        ("full", "bound", -5, "a whole number of 1"),
        ("full", "bound", None, "a whole number of 1"),
        ("livevlm", "ratio", float("nan"), "a finite number"),
        ("livevlm", "ratio", "1", "a finite number"),
        ("livevlm", "top", -1, "a whole number of 0"),
        ("livevlm", "lookers", 0, "a whole number of 1"),
        ("cacheflow", "depth", 1.0, "a whole number of 1"),
        ("cacheflow", "seed", -1, "a whole number of 0"),
        ("cacheflow", "store", 3, "a word"),
        ("cacheflow", "threshold", float("inf"), "a finite number"),
        ("infinipot-v", "share", float("nan"), "a finite number"),
        ("infinipot-v", "pooling", "yes", "true or false"),
    ],
)
def test_a_setting_of_another_kind_is_refused(name: str, setting: str, wrong: object, words: str) -> None:
    with pytest.raises(ModelError, match=f"the cache policy {name} needs {setting} to be {words}"):
        POLICIES.named(name)(**{setting: wrong})


@pytest.mark.parametrize("name", POLICIES.own)
def test_the_page_tells_the_defaults(name: str) -> None:
    told = {setting: default for policy, setting, default in ROW.findall(PAGE.read_text("utf-8")) if policy == name}
    policy = POLICIES.named(name)
    assert told == {each.name: str(each.default) for each in fields(policy) if each.init}  # type: ignore[arg-type]
    assert policy().settings() == {each.name: each.default for each in fields(policy) if each.init}  # type: ignore[arg-type]
