"""What find and predict have in common: the model that answers, its settings, and when a video is searched first."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from whenabouts.commands.choices import EvidenceName
from whenabouts.commands.command import Command
from whenabouts.commands.damage import with_damage
from whenabouts.errors import ModelError
from whenabouts.files.cache import keeping
from whenabouts.files.kept import trouble
from whenabouts.grounders import settings_of
from whenabouts.grounders.grounder import THRESHOLD, TOP, BaseGrounder, Early, Grounder, ask, cut
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.grounders.search.verify import Verifier
    from whenabouts.trust.calibrated import Calibrated
    from whenabouts.video import Video

__all__ = ["LONG", "Grounding"]

log = logging.getLogger(__name__)

LONG = 900.0  # seconds from which a video is searched first, for a model whose look is costly
COSTLY = (
    0.05  # seconds of a processor for a second of video, about what decoding it takes; cheaper looks are had anyway
)
COMMON = (
    "top",
    "threshold",
    "cache",
    "understand",
)  # settings of every model; left out for one of a plugin that has no use for them
SPECIAL = (  # settings that only some models have; None is the model's own default
    *("evidence", "device", "encoder", "fps", "frames", "speech_model", "sound_model", "reader"),
    *("prompting", "samples", "long", "send", "select", "quantised", "timeout", "feature_order"),
)
OF_SEARCH = (
    "evidence",
    "device",
    "encoder",
    "speech_model",
    "sound_model",
    "reader",
)  # what a search has, whatever the model inside
USAGE = ("requests", "prompt_tokens", "completion_tokens")


class Grounding(Command):
    """A model and its settings. An option that the model does not have is refused."""

    model: str = Field(
        "similarity",
        description="Model or method: a name of `whenabouts models`, a checkpoint, a folder, openai:URL#NAME or hub:NAME.",  # noqa: E501
    )
    top: int = Field(TOP, ge=1, description="At most this many moments per query.")
    threshold: float = Field(THRESHOLD, ge=0, le=1, description="Leave out moments that score less.")
    understand: bool = Field(
        True,
        description="Read which occurrence is meant, and what stands before or after; else ask the whole sentence.",
    )
    evidence: tuple[EvidenceName, ...] | None = Field(
        None, min_length=1, description="Kinds of evidence that may answer. Default: all that are installed."
    )
    device: str | None = Field(
        None, description="Where models run: cpu, cuda, cuda:1 … Default: a GPU if there is one."
    )
    encoder: str | None = Field(
        None,
        description="Frame and text encoder: builtin (default), or hub:NAME_OR_FOLDER; with @crop behind it "
        "it sees the middle square of each frame, not the whole, squeezed.",
    )
    feature_order: Literal["slowfast-first", "clip-first"] | None = Field(
        None,
        description="How features of SlowFast and CLIP stood when an official checkpoint was trained, if it is silent.",
    )
    fps: float | None = Field(
        None, ge=0.01, le=120, description="Frames sampled per second. Default: 2, or as the model's authors do."
    )
    frames: int | None = Field(
        None,
        ge=1,
        description="At most this many frames are sampled from a video. Default: no bound, or the model's authors'.",
    )
    sound_model: str | None = Field(
        None, description="Tell sounds such as applause apart with this CLAP or AST model: hub:NAME_OR_FOLDER."
    )
    speech_model: str | None = Field(
        None, description="Recognise speech with this faster-whisper model, a name or a folder."
    )
    reader: str | None = Field(
        None,
        description="Let a language model read the transcript too: openai:URL#NAME or hub:NAME. "
        "Its answers are checked against the lines.",
    )
    prompting: str | None = Field(
        None, description="Ask a video-language model as this paper does: a name of `whenabouts models`."
    )
    samples: int | None = Field(
        None, ge=1, description="Answers sampled per query from a video-language model; several are combined."
    )
    long: Literal["windows", "coarse-to-fine", "shortlist"] | None = Field(
        None, description="Plan for videos too long for a video-language model. Default: the model's own."
    )
    send: Literal["frames", "video"] | None = Field(None, description="What a server is sent; frames by default.")
    select: str | None = Field(
        None,
        description="Frame selector that chooses what a video-language model is shown for each query: a name of "
        "docs/selection.md, or NAME:MODEL. Default: the model's own rule.",
    )
    quantised: Literal["8bit", "4bit"] | None = Field(None, description="Load a video-language model quantised.")
    timeout: float | None = Field(
        None,
        gt=0,
        description="Seconds that a server of a video-language model may take for one answer; 300 by default.",
    )
    search: bool | None = Field(
        None,
        description="First search the video for candidate regions. Default: from 15 minutes on, if a look is costly.",
    )
    budget: str | None = Field(
        None,
        description="Limit of a search; the best moments so far are returned: 30s, 2m, 500frames, 20000tokens, "
        "0.5usd@0.15/0.60.",
    )
    verify: str | None = Field(None, description="Video-language model that checks each moment a second time.")
    calibrator: str | None = Field(
        None, description="File of `whenabouts calibrate`: corrects presence, and gives ranges of start and end."
    )
    abstain: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Leave a query unanswered where its presence is below this. Default: as the calibrator says.",
    )
    cache: bool = Field(True, description="Keep frame features for the next query on the same file.")

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """As `Command.of`; one kind of evidence may be a string, and what names a file a path."""
        fields = {name: fspath(value) if isinstance(value, PathLike) else value for name, value in fields.items()}
        if isinstance(kind := fields.get("evidence"), str):
            fields["evidence"] = (kind,)
        return super().of(**fields)

    def answer(
        self,
        video: Video,
        queries: Sequence[str],
        *,
        progress: Progress | None = None,
        early: Early | None = None,
        warm: WarmGrounders = WARM,
    ) -> list[Prediction]:
        """One prediction per query, in their order; `warm` holds the models that are loaded.

        `early` receives what is known so far, again and again, before the answer is complete.

        Where a server counts tokens, the receipts state what all queries used together. Raises VideoError, QueryError,
        ModelError, InputError, MissingExtra.
        """
        began = time.monotonic()
        log.debug("%s is asked about %s: %s", self.model, video.path, "; ".join(queries))
        with keeping(self.cache), self.grounder(video.duration, progress=progress, warm=warm) as grounder:
            trusted = self._trusted(grounder)
            if isinstance(grounder, BaseGrounder):
                grounder.early = early if trusted is None or early is None else trusted.early(early)
            before = _usage(grounder)
            trouble()  # that was of another answer
            answers = ask(trusted or grounder, video, queries, understand=self.understand)
            # a grounder of a plugin may know neither, so they are applied here; a second time changes nothing
            predictions = [cut(each, self.top, self.threshold) for each in answers]
            predictions = with_damage(predictions, video, cache=self.cache)
            if said := trouble():
                predictions = [replace(each, notes=(*each.notes, said)) for each in predictions]
            used = {name: count - before[name] for name, count in _usage(grounder).items()}
        log.info("answered", extra={"queries": len(queries), "seconds": round(time.monotonic() - began, 3)})
        return [_with_usage(each, used) for each in predictions] if any(used.values()) else predictions

    def _trusted(self, grounder: Grounder) -> Calibrated | None:
        """The grounder with a calibrator or a presence to abstain below, None where there is neither."""
        if self.calibrator is None and self.abstain is None:
            return None
        from whenabouts.trust.calibrated import Calibrated
        from whenabouts.trust.calibrator import Calibrator

        calibrator = None if self.calibrator is None else Calibrator.read(Path(self.calibrator))
        return Calibrated(grounder, calibrator, self.abstain, self.understand)

    @property
    def further(self) -> dict[str, Any]:
        """Settings of the model that a command has beside these."""
        return {}

    @contextmanager
    def grounder(
        self, duration: float, *, progress: Progress | None = None, warm: WarmGrounders = WARM
    ) -> Iterator[Grounder]:
        """What answers on a video of `duration` seconds: the model, or a search around it.

        Raises ModelError, InputError, MissingExtra.
        """
        common = {name: getattr(self, name) for name in COMMON} | {"progress": progress}
        special = {name: value for name in SPECIAL if (value := getattr(self, name)) is not None}
        if not self._searches(duration, special, warm):
            if self.verify:
                raise ModelError(f"the model {self.model} does not verify without a search; leave verify out")
            special |= {} if self.budget is None else {"budget": self._budget()}
            special |= self.further
            taken = settings_of(self.model)
            known = {name: value for name, value in common.items() if name in taken}
            with warm.borrow(self.model, **known, **special) as grounder:
                yield grounder
            return
        with (
            self._search(duration, special, warm) as around,
            warm.borrow("search", **common, **around) as search,
        ):
            yield search

    @contextmanager
    def _search(self, duration: float, special: Mapping[str, Any], warm: WarmGrounders) -> Iterator[dict[str, Any]]:
        """Settings of a search: the model inside it is borrowed, so that it is the one that answers short videos."""
        around: dict[str, Any] = {"budget": self._budget(), "verifier": self._verifier(warm)}
        around |= {
            name: special[name]
            for name in ("evidence", "speech_model", "sound_model", "reader", "device")
            if name in special
        }
        model = self.model if self.model != "search" else type(self).model_fields["model"].default
        own = settings_of(model)
        inside = {name: value for name, value in special.items() if name in own or name not in OF_SEARCH}
        inside.pop("reader", None)  # lines are read before
        if self.verify and "select" not in own:
            inside.pop("select", None)  # the verifier's alone
        if "encoder" not in own and "encoder" in special:
            around["encoder"] = special["encoder"]
        if "evidence" in own:
            inside["evidence"] = _kinds_inside(self.evidence)
            if not inside["evidence"]:  # lines of text answer, and nothing else
                yield around
                return
        inside |= {name: getattr(self, name) for name in ("top", "cache") if name in own}
        with warm.borrow(model, **inside) as inner:
            if (encoder := getattr(inner, "frame_encoder", None)) is not None:
                around["encoder"] = encoder
            if self.model != "search" and self.search is None and self.budget is None and _everywhere(inner, duration):
                from whenabouts.grounders.search.regions import Whole

                around["retriever"] = Whole()  # only what it finds is looked at twice, by the verifier
            yield around | {"grounder": inner}

    def _searches(self, duration: float, special: Mapping[str, Any], warm: WarmGrounders) -> bool:
        """Whether a video is searched first: a long one, for a model that costs more where it need not look.

        A cheap look at everything has all answers, and its features serve every later question.
        """
        if self.model == "search":
            return True
        if self.model.startswith("agent:"):  # searches by itself
            return False
        if self.model.startswith("stream:"):
            if self.search:
                raise ModelError("a stream cannot be searched before it is watched; leave search out")
            return False
        if self.search is not None:
            return self.search
        seen = self.evidence is None or "seen" in self.evidence
        if self.verify is not None or self.budget is not None:
            return True
        if duration < LONG or not seen:
            return False
        own = settings_of(self.model)
        with warm.borrow(self.model, **{name: special[name] for name in special.keys() & own}) as model:
            return not _everywhere(model, duration)

    def _budget(self) -> Any:
        from whenabouts.grounders.search.budget import Budget

        return None if self.budget is None else Budget.parse(self.budget)

    def _verifier(self, warm: WarmGrounders) -> Verifier | None:
        if self.verify is None:
            return None
        from whenabouts.grounders.llm.grounder import VideoLLM
        from whenabouts.grounders.search.verify import Ask

        with warm.borrow(self.verify, **({} if self.select is None else {"select": self.select})) as model:
            if isinstance(model, VideoLLM):
                return Ask(model.engine, selector=model.selector)
        raise ModelError(f"{self.verify} is not a video-language model, so it cannot verify; see `whenabouts models`")


def _kinds_inside(evidence: Sequence[str] | None) -> tuple[str, ...]:
    """Kinds of evidence that look only inside regions; all others look at the whole video before."""
    from whenabouts.evidence import KINDS, MomentKind

    names = evidence or [name for name, kind in KINDS.items() if kind.installed()]
    return tuple(name for name in names if issubclass(kind := KINDS[name], MomentKind) and kind.regional)


def _everywhere(grounder: Grounder, duration: float) -> bool:
    """Whether a look at all of a video costs little, and can be had; not for a grounder of a plugin that is silent."""
    cost: float = getattr(grounder, "look_seconds", math.inf)
    reach: float = getattr(grounder, "reach", math.inf)
    return cost <= COSTLY and duration <= reach


def _usage(grounder: Grounder) -> dict[str, int]:
    """What servers counted so far for a grounder and for those it is made of."""
    parts = (
        grounder,
        getattr(grounder, "grounder", None),
        getattr(getattr(grounder, "verifier", None), "engine", None),
    )
    counts = {id(used): used for part in parts if (used := getattr(part, "usage", None)) is not None}
    return {name: sum(getattr(used, name) for used in counts.values()) for name in USAGE}


def _with_usage(prediction: Prediction, used: dict[str, int]) -> Prediction:
    receipt = prediction.receipt
    return prediction if receipt is None else replace(prediction, receipt=replace(receipt, usage=used))
