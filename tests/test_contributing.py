"""A first part as CONTRIBUTING.md shows it is one file and one line: in a copy of the package they are all it takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = re.findall(r"^\| \[(.+)\]\(#.+\) \| `.+` \| `(\w+)` in `(.+)` \|$", GUIDE, re.MULTILINE)


def test_a_first_part_is_one_file_and_one_line(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="a head needs torch")
    package = tmp_path / "whenabouts"
    shutil.copytree(ROOT / "src" / "whenabouts", package, ignore=shutil.ignore_patterns("weights", "__pycache__"))
    checks = []
    for part, registry, module in ROWS:
        section = GUIDE.partition(f"\n### Your first {part}\n")[2].partition("\n### ")[0]
        file = re.search(r"`([\w/]+\.py)`[^`]*\n```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        line = re.search("The line: `(.+?)`", section)
        assert file and line, part
        assert not (package / file[1]).exists(), f"{file[1]} would replace a file of the package"
        (package / file[1]).write_text(file[2])
        text = (package / module).read_text("utf-8")
        opening = re.search(rf"^({registry}: Registry.*?\{{\n)", text, re.DOTALL | re.MULTILINE)[1]
        (package / module).write_text(text.replace(opening, f"{opening}    {line[1]},\n", 1))
        imported = module.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        name = line[1].split('"')[1]
        checks.append(f"from whenabouts.{imported} import {registry}; print({registry}[{name!r}])")
    assert len(checks) == 6
    program = [sys.executable, "-c", "\n".join(checks)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(checks)
