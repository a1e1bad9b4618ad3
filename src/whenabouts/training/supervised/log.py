"""The log of a run: a line of JSON per step, and the same for whatever tracks experiments."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.files.journal import whole_rows
from whenabouts.files.storage import storing

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Log", "known_trackers"]


def known_trackers(names: Sequence[str]) -> None:
    """Raises InputError for a tracker that accelerate does not have; InputError, MissingExtra for an absent package."""
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers

    known = [str(name) for name in LOGGER_TYPE_TO_CLASS]
    for name in names:
        if name not in known:
            raise InputError(f"unknown tracker {name!r}; choose from: {', '.join(known)}")
        if name not in [str(each) for each in get_available_trackers()]:
            if name == "tensorboard":
                raise MissingExtra("train", "a log for TensorBoard")
            raise InputError(f"tracking with {name} needs its package: pip install {name.replace('_', '-')}")


class Log:
    """Writes `log.jsonl` in a folder; lines that a killed run wrote after `step` are removed and written again.

    Trackers of the accelerator get the same figures as KIND/NAME, and what the run is made of.
    """

    def __init__(self, folder: Path, step: int, accelerator: Accelerator, about: Mapping[str, Any]) -> None:
        self.path, self.step, self.accelerator = folder / "log.jsonl", step, accelerator
        self.active, self.last = accelerator.is_main_process, step  # the last step that was found in the file
        self.about = {name: str(value) if isinstance(value, tuple | dict) else value for name, value in about.items()}

    def __enter__(self) -> Log:
        if self.active:
            self._cut()
            self.file = self.path.open("a", encoding="utf-8")
        # W&B stays on this machine, as everything does, unless its own variable says otherwise
        wandb = {"dir": str(self.path.parent), "mode": os.environ.get("WANDB_MODE", "offline")}
        own = {"tensorboard": {"purge_step": self.step}, "wandb": wandb}
        self.accelerator.init_trackers(self.path.parent.name or "run", init_kwargs=own)
        for tracker in self.accelerator.trackers:
            if tracker.name != "tensorboard":  # which would make a run of them
                tracker.store_init_configuration(self.about)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.active:
            with storing(self.path):
                self.file.close()
        self.accelerator.end_training()

    def write(self, step: int, epoch: int, values: dict[str, float], *, kind: str = "train") -> None:
        """One line, at once on disk."""
        if self.active:
            with storing(self.path):
                self.file.write(json.dumps({"kind": kind, "step": step, "epoch": epoch} | values) + "\n")
                self.file.flush()
        self.accelerator.log({f"{kind}/{name}": value for name, value in values.items()}, step=step)

    def _cut(self) -> None:
        # a killed run may have left half a line
        rows = whole_rows(self.path.read_bytes())[0] if self.path.exists() else []
        kept = list(takewhile(lambda row: row["step"] <= self.step, rows))
        self.last = kept[-1]["step"] if kept else 0
        with replacing(self.path) as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
