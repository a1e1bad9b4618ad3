"""OnVTG on a stream: a trained head whose tree of events grows row by row.

Every row is pushed with the time of its middle. A window of eight rows of the tree's first level is judged when it is
complete: proposals then start and end moments, and a row that predicts a start nearby starts one before anything of it
has to be seen. Rows lie on a grid of the length of the model's rows: those between are passed over, a few that are
missing repeat the one before, and after a longer gap the tree begins anew, as after a break of the stream.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from whenabouts.encoders.clips import FRAMES_PER_CLIP, FeatureMaker, load_maker
from whenabouts.encoders.device import torch_device
from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.learned.checkpoint import read_checkpoint
from whenabouts.grounders.learned.onvtg.head import OnVTGHead
from whenabouts.grounders.learned.onvtg.stream import Events, EventStream, Said
from whenabouts.grounders.learned.onvtg.tree import WINDOW
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.online import OnlineGrounder
from whenabouts.grounders.stream.proposed import Proposed, Rules
from whenabouts.grounders.stream.rows import Rows

__all__ = ["OnVTGOnline"]

Float = NDArray[np.float32]
FILLED = WINDOW  # rows one after another that may be missing
HELD = 2  # rows that an end waits for a better proposal; ours: without, a third of what was told was part of a moment


class OnVTGOnline(OnlineGrounder):
    """Events of a trained OnVTG.

    model:   a file that `whenabouts train onvtg` wrote, or an official one
    seconds: of a row; None is what the file says
    encoder: makes words, and rows of pictures; None is the one named in the file
    words:   rows of words (T, D') by query, for models whose words are not made here
    length:  seconds of the whole stream, which a model with relative places has to know
    wait:    later events of its level that are seen before an event is judged: 0 judges it when it is over, which is
             officially said to be done; 5 gives the official scores
    least, start, hold: as for `Rules`; a `hold` of None is two rows

    Where a checkpoint's memory grew while it was trained, it grows here to that of the longest video that is officially
    evaluated, and then forgets the oldest.
    """

    name = "onvtg"

    def __init__(
        self,
        model: str | Path | OnVTGHead,
        *,
        seconds: float | None = None,
        encoder: str | None = None,
        words: Mapping[str, Float] | None = None,
        length: float | None = None,
        wait: int = 0,
        least: float = 0.5,
        start: float = 0.7,
        hold: float | None = None,
        device: str | None = None,
    ) -> None:
        super().__init__()
        self.head, facts, self._sha256 = _loaded(model)
        self.head.to(torch_device(device)).eval()
        self.given, self.wait = words, wait
        if not (0 < least < 1 and wait >= 0 and (hold is None or hold >= 0) and (seconds is None or seconds > 0)):
            raise InputError(
                "least must be between 0 and 1, wait and hold at least 0 and seconds above 0, "
                f"got {least}, {wait}, {hold}, {seconds}"
            )
        row = seconds or facts.get("clip_seconds") or self.head.clip_seconds
        if not row:
            raise ModelError(f"{model} does not say how long its rows are; give it in seconds")
        self.seconds = float(row)
        config = self.head.config
        whole = None if length is None else max(1, round(length / (self.seconds * config.stride)))
        if config.places == "relative" and whole is None:
            raise ModelError(
                f"{model} knows where in the whole video a row is, which nobody knows of a stream; say its length in "
                "seconds, or choose a model with absolute places or none"
            )
        self.rules = Rules(least, start, HELD * self.seconds if hold is None else hold)
        most = self.head.longest and self.head.longest // config.stride
        self.stream = EventStream(self.head.model, wait=wait, whole=whole, most=most)
        name = encoder or facts.get("encoder")
        self._maker: FeatureMaker | None = load_maker(name, device=device) if name else None
        self.rows = Rows(self.seconds, config.video_dim, self._maker)
        self.size = self.rows.encoder.size if self.rows.encoder else None
        self.fps = (FRAMES_PER_CLIP if self.rows.encoder else 1) / self.seconds
        self._texts: dict[str, Float] = {}
        self._words: Events | None = None
        self._proposed: dict[str, Proposed] = {}
        self._begin()

    def _begin(self) -> None:
        """Forget the stream so far."""
        self.stream.reset()
        self.rows.reset()
        self._first: float | None = None  # time of the first row
        self._last: Float | None = None  # the newest row

    def added(self, query: str) -> None:
        """Make its words ready."""
        if self.given is not None and query in self.given:
            words = np.asarray(self.given[query], dtype=np.float32)
        elif self._maker is not None:
            [words] = self._maker.words([query])
        else:
            self._queries.remove(query)
            raise ModelError(
                f"there are no words of {query!r}; give them, or the encoder that the model was trained with"
            )
        if words.ndim != 2 or words.shape[1] != self.head.config.text_dim or not len(words):
            self._queries.remove(query)
            raise ModelError(
                f"words of {query!r} are {words.shape}, and the model takes (T, {self.head.config.text_dim})"
            )
        self._texts[query], self._proposed[query] = words, Proposed(query)
        self._read()

    def removed(self, query: str) -> None:
        """Forget its words."""
        del self._texts[query], self._proposed[query]
        self._read()

    @torch.no_grad()
    def _read(self) -> None:
        """All standing queries as one batch."""
        if not self._texts:
            self._words = None
            return
        texts = [torch.from_numpy(self._texts[query]) for query in self.queries]
        padded = pad_sequence(texts, batch_first=True)
        said = torch.arange(padded.shape[1]) < torch.tensor([len(text) for text in texts])[:, None]
        self._words = self.head.model.read(padded.to(self.head.device), said.to(self.head.device))

    def push(self, frame: NDArray[Any], t: float) -> list[Event]:
        """Take in a row of features (D,) whose middle is `t`, or a picture. Raises ModelError, InputError."""
        return [event for time, row in self.rows.put(frame, t) for event in self._row(row, time, t)]

    def _row(self, row: Float, t: float, now: float) -> list[Event]:
        if self._first is None:
            self._first = t
        missing = round((t - self._first) / self.seconds) - self.stream.count
        if missing > FILLED:
            events = self.lost(self._time(self.stream.count - 0.5), now)
            return events + self._row(row, t, now)
        before = row if self._last is None else self._last
        events = []
        for each in [before] * missing + [row] * (missing >= 0):
            said = self.stream.push(each, self._words)
            if said is not None:
                events += self._judged(said, now, t)
            self._last = row
        return events

    def _time(self, place: float) -> float:
        """Seconds of a row of the video."""
        return (self._first or 0.0) + place * self.seconds

    def _judged(self, said: Said, now: float, seen: float, known: float = math.inf) -> list[Event]:
        first, row = self._first or 0.0, self.seconds * self.head.config.stride
        events = []
        for number, query in enumerate(self.queries):
            windows = [
                (first + row * start, first + row * end, score)
                for start, end, _, score in said.proposals[number].tolist()
            ]
            starts = [(max(0.0, first + row * start), score) for start, _, score in said.starts[number].tolist()]
            events += self._proposed[query].follow(self.ledger, self.rules, windows, starts, now, seen, known)
        return events

    def lost(self, since: float, until: float) -> list[Event]:
        """Judge what has been seen, end what is open unseen, and begin anew with the next row."""
        events = []
        if self._words is not None and self.stream.count:
            for said in self.stream.close(self._words):
                events += self._judged(said, until, min(since, self._time(self.stream.count - 0.5)), since)
        for each in self._proposed.values():
            each.best = None
        self._begin()
        return events + super().lost(since, until)

    def snapshot(self) -> dict[str, Any]:
        """With the tree, bit for bit."""
        return super().snapshot() | {
            "model": self._sha256,
            "stream": self.stream.snapshot(),
            "first": self._first,
            "last": None if self._last is None else self._last.tolist(),
            "rows": self.rows.snapshot(),
            "proposed": {query: each.snapshot() for query, each in self._proposed.items()},
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a snapshot. Raises InputError where it is of another model."""
        if kept.get("model") != self._sha256 or "stream" not in kept:
            raise InputError("the saved state is of another model; begin anew, or watch with the model that it is of")
        super().restore(kept)
        self.stream.restore(kept["stream"])
        self.rows.restore(kept["rows"])
        self._first = kept["first"]
        self._last = None if kept["last"] is None else np.asarray(kept["last"], dtype=np.float32)
        self._proposed = {query: Proposed(**each) for query, each in kept["proposed"].items()}

    @property
    def resident_bytes(self) -> int:
        """Bytes of the tree."""
        return self.stream.resident_bytes

    @property
    def models(self) -> dict[str, str]:
        """The head, and the encoder of its words."""
        return {self.name: self._sha256} | ({self._maker.name: self._maker.sha256} if self._maker else {})

    def settings(self) -> dict[str, Any]:
        """With all rules."""
        return super().settings() | {"clip_seconds": self.seconds, "wait": self.stream.wait} | asdict(self.rules)


def _loaded(model: str | Path | OnVTGHead) -> tuple[OnVTGHead, dict[str, Any], str]:
    if isinstance(model, OnVTGHead):
        return model, {}, ""
    checkpoint = read_checkpoint(Path(model))
    if not isinstance(checkpoint.head, OnVTGHead):
        raise ModelError(f"{model} holds {checkpoint.head.name}, which has to see a whole video; give one of onvtg")
    return checkpoint.head, checkpoint.facts, checkpoint.sha256
