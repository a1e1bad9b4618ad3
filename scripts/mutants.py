"""Mutation testing: how many small wrong changes of the metrics and of the clock make a test fail.

    python scripts/mutants.py [--sample 400] [--seed 0]

mutmut makes every such change (`[tool.mutmut]` of pyproject.toml says where) in a copy of the working tree in
`build/mutants`; a seeded sample of them is tested. Changes of nothing but texts are left out, as no test reads messages
word for word. Prints a table by file, then the changes that no test noticed; `mutmut show NAME` in the copy shows one.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "mutants"
SURVIVED, UNTESTED = 0, 33  # mutmut's codes: the tests passed; no test comes here


def main() -> None:
    """Change, test and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sample", type=int, default=400, help="how many changes are tested")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    copy()
    run("no.such.name")  # makes the changes and tests none of them
    names = sorted(name for path in results() for name in worth_testing(path))
    sample = random.Random(options.seed).sample(names, min(options.sample, len(names)))
    run(*sample)
    report(sample, len(names))


def copy() -> None:
    """The working tree as git sees it, in a fresh folder."""
    shutil.rmtree(PLACE, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        target = PLACE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)


def run(*names: str) -> None:
    """Have mutmut test changes of these names. It fails where there are none, which is no fault here."""
    subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names], cwd=PLACE, check=False)


def results() -> list[Path]:
    """What mutmut remembers of each file that it changed."""
    return sorted((PLACE / "mutants" / "src").rglob("*.py.meta"))


def codes(path: Path) -> dict[str, int | None]:
    """The exit codes of the changes of a file, by name."""
    return json.loads(path.read_text())["exit_code_by_key"]


def worth_testing(path: Path) -> Iterator[str]:
    """The changes of a file that change more than texts."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(path.with_suffix("").read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    for name in codes(path):
        changed = name.rpartition(".")[2]
        original = changed.rpartition("__mutmut_")[0] + "__mutmut_orig"
        if wordless(functions[changed]) != wordless(functions[original]):
            yield name


def wordless(function: ast.FunctionDef) -> str:
    """A function without its name and with every text left out."""
    function.name = ""
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(function)


def report(sample: list[str], total: int) -> None:
    """A table, and the changes that nobody noticed."""
    chosen = set(sample)
    found = {name: code for path in results() for name, code in codes(path).items() if name in chosen}
    tested, noticed = Counter[str](), Counter[str]()
    for name, code in found.items():
        module = name.rpartition(".")[0].removeprefix("whenabouts.")
        tested[module] += 1
        noticed[module] += code not in {SURVIVED, UNTESTED, None}
    print(f"\n{'':36} changed  noticed")
    for module in sorted(tested):
        print(f"{module:36} {tested[module]:7} {noticed[module]:8}")
    share = noticed.total() / max(1, tested.total())
    print(f"{'all':36} {tested.total():7} {noticed.total():8}  {share:.1%} of a sample of {total}")
    for name in sorted(name for name, code in found.items() if code in {SURVIVED, UNTESTED, None}):
        print(name)


if __name__ == "__main__":
    main()
