"""`whenabouts demo`: the answers it prints are right, and its page stands alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import LIMIT


def test_the_demo_answers_its_own_questions(tmp_path: Path) -> None:
    for package in ("skimage", "sklearn", "PIL", "rapidocr"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    command = [sys.executable, "-m", "whenabouts", "demo", "--out", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT, check=True, env=os.environ | {"COLUMNS": "200"}
    )
    rows = [line.split("  ") for line in done.stdout.splitlines() if "not in the video" in line or " – " in line]
    overlaps = [
        float(cell) for row in rows for cell in row if cell.strip().startswith(("0.", "1.")) and ":" not in cell
    ]
    assert len(rows) == 6 and len(overlaps) == 5
    assert min(overlaps) > 0.7, done.stdout
    [absent] = [row for row in done.stdout.splitlines() if row.count("not in the video") == 2]
    assert "wedding" in absent
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "data:video/mp4;base64," in page
