"""The locked requirements are those of pyproject.toml, each with its hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FILES = {
    "core": (),
    "server": ("documents", "edit", "library", "llm", "mcp", "ocr", "serve", "sound", "speech"),
    "all": tuple(EXTRAS),
}


def wanted(extras: tuple[str, ...]) -> Iterator[Requirement]:
    """What the package and these extras require directly."""
    for text in [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]:
        requirement = Requirement(text)
        if requirement.name == "whenabouts":
            yield from wanted(tuple(requirement.extras))
        else:
            yield requirement


def locked(name: str) -> dict[str, list[str]]:
    """The versions of every package in a file: more than one where they differ by system or Python."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    versions: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            pin, *hashes = re.split(r"\s+--hash=", line.strip())
            assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), line
            package, version = pin.partition(";")[0].split("==")
            versions.setdefault(canonicalize_name(package), []).append(version.strip())
    return versions


@pytest.mark.parametrize("name", FILES)
def test_the_lock_holds_what_is_required(name: str) -> None:
    pins = locked(name)
    missing = [
        str(requirement)
        for requirement in wanted(FILES[name])
        if not (versions := pins.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(version) for version in versions)
    ]
    assert missing == [], "run `make lock`"


def test_the_smaller_files_hold_the_same_versions() -> None:
    everything = locked("all")
    for name in ("core", "server"):
        assert {package: everything.get(package) for package in locked(name)} == locked(name)


def test_torch_is_the_version_that_the_tests_install() -> None:
    [torch] = re.findall(r"^TORCH\s+\?= torch==(\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert locked("all")["torch"] == [torch]
    assert "torch" not in locked("server")
