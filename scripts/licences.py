"""The licence of every package in requirements/all.txt, as its own metadata states it, and the libraries in its wheel.

    python scripts/licences.py            the table, and what may not be shipped on without a look
    python scripts/licences.py --update   write it into docs/licences.md

A package that is not installed here, such as one for another system, keeps the row that it has.
"""

from __future__ import annotations

import argparse
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- licences: begin -->", "<!-- licences: end -->"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
LIBRARY = re.compile(r"(?:lib)?(\w[\w+]*?)_?(?:-.*)?(?:\.\d+)*\.(?:so|dylib|dll)")
COPYLEFT = re.compile(r"\b[AL]?GPL|\bMPL|\bEPL|\bCDDL|GNU", re.IGNORECASE)


def locked() -> list[str]:
    """The names of all packages that `make lock` chose, in order."""
    return sorted(set(PIN.findall((ROOT / "requirements" / "all.txt").read_text("utf-8"))))


def licence(package: Distribution) -> str:
    """As the package states it: an expression of SPDX, else its classifiers, else the first line of the field."""
    told = package.metadata
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if "License ::" in line]
    named = [each for each in classifiers if each != "OSI Approved"]
    if named:
        return ", ".join(named)
    lines = (told.get("License") or "").strip().splitlines()
    return lines[0].strip()[:60] if lines else "not stated"


def bundled(package: Distribution) -> list[str]:
    """Shared libraries inside the wheel, wherever they lie, without versions; not the modules of Python."""
    beside = (
        path
        for path in package.files or ()
        if path.name.startswith("lib") or any(part.endswith((".libs", ".dylibs")) for part in path.parts)
    )
    return sorted({found[1].lower() for path in beside if (found := LIBRARY.match(path.name))})


def row(name: str, known: dict[str, str]) -> str:
    """The row of a package."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return known.get(name, f"| {name} | for another system | |")
    return f"| {name} | {licence(package)} | {', '.join(bundled(package))} |"


def table() -> list[str]:
    """The whole table; rows of packages that are not installed come from the page."""
    text = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    known = {line.split(" | ")[0].removeprefix("| "): line for line in text.splitlines() if line.startswith("| ")}
    rows = [row(name, known) for name in locked()]
    return ["| package | licence, as it states it | libraries in the wheel |", "|---|---|---|", *rows]


def main() -> None:
    """Print the table, or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the table into docs/licences.md")
    rows = table()
    if parser.parse_args().update:
        head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text("\n".join([head + BEGIN, *rows, END + rest.partition(END)[2]]), "utf-8")
        return
    print("\n".join(rows))
    print("\nwith terms for those who pass them on:")
    print("\n".join(line for line in rows if COPYLEFT.search(line)))


if __name__ == "__main__":
    main()
