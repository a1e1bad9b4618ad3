"""The log of a run: a line of JSON per step, and the same for TensorBoard if requested."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Any

from whenabouts.errors import MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.files.journal import whole_rows

__all__ = ["Log"]


class Log:
    """Writes `log.jsonl` in a folder; lines that a killed run wrote after `step` are removed and written again."""

    def __init__(self, folder: Path, step: int, *, tensorboard: bool = False, active: bool = True) -> None:
        self.path, self.step, self.active = folder / "log.jsonl", step, active
        self.board: Any = None
        if tensorboard and active:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError as error:
                raise MissingExtra("train", "a log for TensorBoard") from error
            self.board = SummaryWriter(str(folder), purge_step=step)

    def __enter__(self) -> Log:
        if self.active:
            self._cut()
            self.file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.active:
            self.file.close()
        if self.board is not None:
            self.board.close()

    def write(self, step: int, epoch: int, values: dict[str, float], *, kind: str = "train") -> None:
        """One line, at once on disk."""
        if not self.active:
            return
        self.file.write(json.dumps({"kind": kind, "step": step, "epoch": epoch} | values) + "\n")
        self.file.flush()
        if self.board is not None:
            for name, value in values.items():
                self.board.add_scalar(f"{kind}/{name}", value, step)

    def _cut(self) -> None:
        if not self.path.exists():
            return
        rows, _ = whole_rows(self.path.read_bytes())  # a killed run may have left half a line
        kept = takewhile(lambda row: row["step"] <= self.step, rows)
        with replacing(self.path) as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
