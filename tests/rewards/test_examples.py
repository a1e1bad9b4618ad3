"""The examples in the docstrings of the rewards are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import whenabouts.rewards


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(whenabouts.rewards.__path__)])
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"whenabouts.rewards.{name}")).failed == 0
