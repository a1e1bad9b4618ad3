"""The examples in the docstrings of the package are true."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from documented import prepare

SOURCE = Path(__file__).parents[1] / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples run: it has the files that they name."""
    return prepare(tmp_path_factory.mktemp("doctests") / "prepared")


@pytest.mark.filterwarnings("ignore:no query has a window")  # of a length: the examples are short
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    module = pytest.importorskip(name, exc_type=ImportError)  # where an extra is not installed
    assert "+SKIP" not in MODULES[name].read_text("utf-8"), "an example that never runs is no example"
    ran = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert ran.failed == 0, f"python -m doctest -v would say more about {module.__file__}"
