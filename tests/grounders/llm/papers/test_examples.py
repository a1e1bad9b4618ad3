"""The examples in the docstrings of the papers are true, and none of them needs torch."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import whenabouts.grounders.llm.papers as papers
from whenabouts.grounders.llm.papers import PAPERS

MODULES = [module.name for module in pkgutil.iter_modules(papers.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"{papers.__name__}.{name}")).failed == 0


def test_every_file_has_a_paper_that_is_listed() -> None:
    listed = {id(paper) for paper in PAPERS.values()}
    for name in MODULES:
        module = importlib.import_module(f"{papers.__name__}.{name}")
        assert listed & {id(value) for value in vars(module).values()}, f"{name} has no paper in PAPERS"


def test_papers_are_read_without_torch() -> None:
    program = (
        "from whenabouts.grounders.llm.papers import PAPERS, PARSERS, RECIPES, REWARDS; import sys;"
        " list(PAPERS.values()), list(PARSERS), list(RECIPES), list(REWARDS); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
