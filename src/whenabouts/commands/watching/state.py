"""What another run needs to go on: the clock of the stream, and what the online grounder keeps."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from whenabouts.commands.watching.sinks.background import Background, Report
from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.grounders.stream.online import OnlineGrounder

__all__ = ["Saving", "State"]

VERSION = 1
EVERY = 5.0  # seconds on the wall between two savings


@dataclass(frozen=True, slots=True)
class State:
    """How a watch stood: `clock` in seconds of the stream, `wall` in seconds of the Unix epoch."""

    source: str
    model: str
    clock: float
    wall: float
    grounder: dict[str, Any]
    version: int = VERSION

    @classmethod
    def read(cls, path: Path) -> State | None:
        """The state in a file; None where there is none yet. Raises InputError."""
        try:
            kept = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
        except (ValueError, RecursionError):
            kept = None
        try:
            state = cls(**kept)
            valid = isinstance(state.grounder, dict) and state.clock >= 0 and state.wall >= 0
        except TypeError:
            valid = False
        if not valid:
            raise InputError(f"{path} is not the state of a watch; name another file with --state")
        if state.version != VERSION:
            raise InputError(f"{path} is the state of another version of whenabouts; name another file with --state")
        return state

    def fits(self, path: Path, source: str, model: str) -> None:
        """Raise InputError where it is the state of another source or another model."""
        for what, mine, theirs in (("source", self.source, source), ("model", self.model, model)):
            if mine != theirs:
                raise InputError(f"{path} is the state of another {what}, {mine}; name another file with --state")

    def restore(self, path: Path, grounder: OnlineGrounder) -> None:
        """Let a grounder go on. Raises InputError where it is not its state."""
        try:
            grounder.restore(self.grounder)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path} is not the state of a watch; name another file with --state") from None

    def write(self, path: Path) -> None:
        """Replace the file; a kill leaves the old one or the new one. Raises OSError."""
        with replacing(path) as part:
            part.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Saving:
    """Saves the newest state every few seconds, in the background. Raises InputError where that cannot be."""

    def __init__(self, path: Path, report: Report, now: Callable[[], float] = time.monotonic) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path.with_name(f"{path.name}.trial")) as trial:
                trial.write_bytes(b"")
            path.with_name(f"{path.name}.trial").unlink()
        except OSError as error:
            raise InputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from None
        self._now, self._next = now, now() + EVERY
        self._state: State | None = None
        self._path = path
        self._background: Background[None] = Background("state", self._write, report, limit=2)

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return self._now() >= self._next

    def save(self, state: State) -> None:
        """Save a state soon; one that waits is replaced by it."""
        self._next = self._now() + EVERY
        waits, self._state = self._state is not None, state
        if not waits:
            self._background.put(None)

    def close(self) -> None:
        """Save what waits, and end."""
        self._background.close()

    def _write(self, _: None) -> None:
        state, self._state = self._state, None
        if state is not None:
            state.write(self._path)
