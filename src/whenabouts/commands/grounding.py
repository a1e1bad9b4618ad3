"""What find and predict have in common: the model that answers, its settings, and when a video is searched first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.errors import ModelError
from whenabouts.grounders import grounder_class
from whenabouts.grounders.grounder import THRESHOLD, TOP, Grounder
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.moment import EvidenceKind
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.grounders.search.verify import Verifier
    from whenabouts.video import Video

__all__ = ["LONG", "Grounding"]

LONG = 900.0  # seconds from which a video is searched first
COMMON = ("top", "threshold", "cache")  # settings that every model has
SPECIAL = (  # settings that only some models have; None is the model's own default
    *("evidence", "device", "encoder", "fps", "frames", "speech_model"),
    *("system", "samples", "long", "send", "quantised"),
)
USAGE = ("requests", "prompt_tokens", "completion_tokens")


class Grounding(Command):
    """A model and its settings. An option that the model does not have is refused."""

    model: str = Field(
        "similarity",
        description="Model or method: a name of `whenabouts models`, a checkpoint, a folder, openai:URL#NAME or hub:NAME.",  # noqa: E501
    )
    top: int = Field(TOP, ge=1, description="At most this many moments per query.")
    threshold: float = Field(THRESHOLD, ge=0, le=1, description="Leave out moments that score less.")
    evidence: tuple[EvidenceKind, ...] | None = Field(
        None, min_length=1, description="Kinds of evidence that may answer. Default: all that are installed."
    )
    device: str | None = Field(
        None, description="Where models run: cpu, cuda, cuda:1 … Default: a GPU if there is one."
    )
    encoder: str | None = Field(None, description="Frame and text encoder: builtin (default), or hub:NAME_OR_FOLDER.")
    fps: float | None = Field(None, ge=0.01, le=120, description="Frames per second that are looked at; 2 by default.")
    frames: int | None = Field(None, ge=1, description="At most this many frames are looked at or shown to the model.")
    speech_model: str | None = Field(
        None, description="Recognise speech with this faster-whisper model, a name or a folder."
    )
    system: str | None = Field(None, description="How to ask a video-language model: a name of `whenabouts models`.")
    samples: int | None = Field(
        None, ge=1, description="Answers requested from a video-language model; several are joined."
    )
    long: Literal["windows", "coarse-to-fine", "shortlist"] | None = Field(
        None, description="Plan for videos too long for a video-language model. Default: the model's own."
    )
    send: Literal["frames", "video"] | None = Field(None, description="What a server is sent; frames by default.")
    quantised: Literal["8bit", "4bit"] | None = Field(None, description="Load a video-language model quantised.")
    search: bool | None = Field(
        None, description="Search the video for a few regions first. Default: from 15 minutes on."
    )
    budget: str | None = Field(
        None, description="Stop a search with the best so far: 30s, 2m, 500frames, 20000tokens, 0.5usd@0.15/0.60."
    )
    verify: str | None = Field(None, description="Video-language model that checks each moment a second time.")
    cache: bool = Field(True, description="Keep frame features for the next query on the same file.")

    def answer(
        self, video: Video, queries: Sequence[str], *, progress: Progress | None = None, warm: WarmGrounders = WARM
    ) -> list[Prediction]:
        """One prediction per query, in their order; `warm` holds the models that are loaded.

        Where a server counts tokens, the receipts tell what the queries used together. Raises VideoError, QueryError,
        ModelError, InputError, MissingExtra.
        """
        with self.grounder(video.duration, progress=progress, warm=warm) as grounder:
            before = _usage(grounder)
            predictions = grounder.ground(video, queries)
            used = {name: count - before[name] for name, count in _usage(grounder).items()}
        return [_with_usage(each, used) for each in predictions] if any(used.values()) else predictions

    @contextmanager
    def grounder(
        self, duration: float, *, progress: Progress | None = None, warm: WarmGrounders = WARM
    ) -> Iterator[Grounder]:
        """What answers on a video of `duration` seconds: the model, or a search around it.

        Raises ModelError, InputError, MissingExtra.
        """
        common = {name: getattr(self, name) for name in COMMON}
        special = {name: value for name in SPECIAL if (value := getattr(self, name)) is not None}
        if not self._searches(duration):
            if self.verify:
                raise ModelError(f"the model {self.model} does not verify without a search; leave verify out")
            special |= {"budget": self._budget()} if self.budget else {}
            with warm.borrow(self.model, **common, **special, progress=progress) as grounder:
                yield grounder
            return
        model = self.model if self.model != "search" else type(self).model_fields["model"].default
        inside, around = _divided(model, special)
        around |= {"budget": self._budget(), "verifier": self._verifier(warm)}
        with (
            warm.borrow(model, top=self.top, cache=self.cache, **inside) as inner,
            warm.borrow("search", grounder=inner, progress=progress, **common, **around) as search,
        ):
            yield search

    def _searches(self, duration: float) -> bool:
        if self.model == "search":
            return True
        if self.model.startswith("agent:"):  # searches by itself
            return False
        if self.search is not None:
            return self.search
        seen = self.evidence is None or "seen" in self.evidence
        return bool(self.verify or self.budget) or (duration >= LONG and seen)

    def _budget(self) -> Any:
        from whenabouts.grounders.search.budget import Budget

        return Budget.named(self.budget) if self.budget else None

    def _verifier(self, warm: WarmGrounders) -> Verifier | None:
        if self.verify is None:
            return None
        from whenabouts.grounders.llm.grounder import VideoLLM
        from whenabouts.grounders.search.verify import Ask

        with warm.borrow(self.verify) as model:
            if isinstance(model, VideoLLM):
                return Ask(model.engine)
        raise ModelError(f"{self.verify} is not a video-language model, so it cannot verify; see `whenabouts models`")


def _divided(model: str, special: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of the model inside a search, which looks at pictures alone, and those of the search around it."""
    inside, around = dict(special), {}
    has = {field.name for field in fields(grounder_class(model))}  # type: ignore[arg-type]
    if kinds := inside.pop("evidence", None):
        around["words"] = bool(set(kinds) - {"seen"})
    if "evidence" in has:
        inside["evidence"] = ("seen",)
        around |= {name: inside[name] for name in ("encoder",) if name in inside}  # one for both
    elif "encoder" in inside and "encoder" not in has:
        around["encoder"] = inside.pop("encoder")
    if "speech_model" in inside:
        around["speech_model"] = inside.pop("speech_model")
    if "device" in inside and "device" in {field.name for field in fields(grounder_class("search"))}:  # type: ignore[arg-type]
        around["device"] = inside["device"]
    return inside, around


def _usage(grounder: Grounder) -> dict[str, int]:
    """What a server counted for a grounder so far."""
    used = getattr(grounder, "usage", None)
    return {name: getattr(used, name, 0) for name in USAGE}


def _with_usage(prediction: Prediction, used: dict[str, int]) -> Prediction:
    receipt = prediction.receipt
    return prediction if receipt is None else replace(prediction, receipt=replace(receipt, usage=used))
