"""The examples in the docstrings of the package are true."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    module = pytest.importorskip(name, exc_type=ImportError)  # where an extra is not installed
    ran = doctest.testmod(module)
    assert ran.failed == 0, f"python -m doctest -v would say more about {module.__file__}"
