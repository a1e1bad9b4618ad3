"""Runs cases in a child that is started again when it dies."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fuzz.verdict import Outcome

__all__ = ["Runner"]

PATIENCE = 300  # seconds that a case may wait for something without computing
SOURCES = os.pathsep.join(str(Path(__file__).parents[n] / name) for n, name in ((1, ""), (2, "src")))


class Runner:
    """A child with limits of its own, in an empty home; `folder` is for its files.

    program: arguments of Python that run the child
    """

    def __init__(self, folder: Path, program: Sequence[str] = ("-m", "fuzz.child")) -> None:
        self.folder, self.program = folder, program
        self.said = folder / "stderr.txt"
        for name in ("home", "cache", "cases", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe is not None
                with suppress(OSError):
                    pipe.close()
            self.process = None

    def run(self, target: str, name: str, content: bytes) -> Outcome:
        """What becomes of an input, in a file of that name."""
        path = self.folder / "cases" / name
        path.write_bytes(content)
        process = self.process or self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps({"target": target, "path": str(path)}).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            if not ready:
                self.close()
                return Outcome("hang", "waiting", f"nothing for {PATIENCE} s")
            line = process.stdout.readline()
        except OSError:
            line = b""
        if line:
            return Outcome.of(json.loads(line))
        code = process.wait()
        self.close()
        said = self.said.read_text(errors="replace")[-6000:]
        if code == -signal.SIGXCPU:
            return Outcome("hang", _last(said), said, cpu=20.0)
        return Outcome("crash", f"{code} {_last(said)}", said)

    def _started(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "PYTHONPATH": SOURCES,
            "HOME": str(self.folder / "home"),
            "WHENABOUTS_CACHE": str(self.folder / "cache"),
            "TMPDIR": str(self.folder / "tmp"),
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, *self.program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=environment,
            )
        return self.process


def _last(said: str) -> str:
    """The innermost line of ours in what `faulthandler` wrote."""
    lines = [line.strip() for line in said.splitlines() if "/whenabouts/" in line]
    return lines[0].rpartition("/whenabouts/")[2] if lines else ""
