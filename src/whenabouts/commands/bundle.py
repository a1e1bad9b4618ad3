"""`Verify` and `Replay`: whether an evidence bundle is what was written, and whether the same answer comes again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.commands.find import Find
from whenabouts.errors import InputError, QueryError
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.prediction import Prediction, Receipt
from whenabouts.progress import Progress
from whenabouts.query import Example
from whenabouts.version import __version__

if TYPE_CHECKING:
    from whenabouts.interchange.bundle import Verification
    from whenabouts.video import Video

__all__ = ["Replay", "Replayed", "Verify"]

# fields that may name files or servers
NAMING = ("model", "verify", "encoder", "speech_model", "sound_model", "reader", "calibrator", "select", "like")
HARMLESS = {"model": {"similarity", "search"}, "encoder": {"builtin"}}  # what comes with the package


class _OfBundle(Command):
    """What both have."""

    bundle: Path = Field(description="An evidence bundle, as `find --bundle` writes it.")

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """As `Command.of`; a path may be a string."""
        if isinstance(path := fields.get("bundle"), str | PathLike):
            fields["bundle"] = Path(path)
        return super().of(**fields)


class Verify(_OfBundle):
    """Check every file of a bundle against its manifest."""

    digest: str | None = Field(
        None, pattern="^[0-9a-fA-F]{64}$", description="The digest that was printed when the bundle was written."
    )

    def run(self, video: Video | None = None) -> Verification:
        """What is wrong, if anything; with a video also whether it is the same. Raises InputError, VideoError."""
        from whenabouts.interchange.bundle import verify

        return verify(self.bundle, digest=self.digest, video=video)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The answers that came again, and how they differ from those of the bundle, one sentence each."""

    predictions: tuple[Prediction, ...]
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


class Replay(_OfBundle):
    """Ask again what a bundle answers, with the same model and settings, and compare."""

    trust: bool = Field(False, description="Use the models, folders and servers that the bundle names.")

    def run(self, video: Video, *, progress: Progress | None = None, warm: WarmGrounders = WARM) -> Replayed:
        """The answers of now beside those of then. Nothing is asked about another video.

        Raises InputError for a bundle that is not sound, or one that names files or servers and is not trusted;
        VideoError, ModelError, MissingExtra.
        """
        from whenabouts.interchange.bundle import read_bundle, unlike

        manifest, before = read_bundle(self.bundle)
        if manifest.video.get("sha256") != video.sha256:
            return Replayed((), (f"the video is another one: its sha256 is {video.sha256}",))
        fields = dict(manifest.command)
        if not self.trust and (named := _named(fields)):
            raise InputError(
                f"the bundle asks {named[1]} as its {named[0]}, which may be a file or a server; "
                "if you trust whoever made it, allow that with --trust"
            )
        try:
            find = Find.of(**(fields | {"queries": list(manifest.queries)}))
        except QueryError as error:
            raise InputError(f"{self.bundle}: its command cannot be run by this version: {error}") from error
        after = find.run(video, progress=progress, warm=warm)
        changed = unlike(self.bundle, manifest, before, video)
        return Replayed(tuple(after), (*changed, *_version(manifest.version), *_differences(before, after)))


def _named(fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first field with a value that does not come with the package."""
    for field in NAMING:
        value = fields.get(field)
        known = isinstance(value, str) and (
            value in HARMLESS.get(field, ())
            or (field == "select" and value.isidentifier())
            or (field == "like" and not Example.parse(value).path)  # a moment of the same video
        )
        if value is not None and not known:
            return field, str(value)[:200]
    return None


def _version(version: str) -> Iterator[str]:
    if version != __version__:
        yield f"version {__version__} answers, not {version[:40]}"


def _differences(before: list[Prediction], after: list[Prediction]) -> Iterator[str]:
    for old, new in zip(before, after, strict=False):
        was, now = old.receipt, new.receipt
        if was and now:
            yield from _other_receipt(old.query, was, now)
        elif now:
            yield f"“{old.query}”: it has no receipt, so that version, weights and settings cannot be compared"
        yield from _other_answer(old, new)
    if len(before) != len(after):
        yield f"{len(after)} answers came, not {len(before)}"


def _other_receipt(query: str, was: Receipt, now: Receipt) -> Iterator[str]:
    if was.version != now.version:
        yield f"“{query}”: version {now.version} answers, not {was.version}"
    if was.grounder != now.grounder:
        yield f"“{query}”: {now.grounder} answers, not {was.grounder}"
    if was.video_sha256 != now.video_sha256:
        yield f"“{query}”: its receipt is of another video"
    for name in sorted(was.models.keys() | now.models.keys()):
        if name not in now.models:
            yield f"“{query}”: {name} did not take part now"
        elif name not in was.models:
            yield f"“{query}”: {name} did not take part then"
        elif was.models[name] != now.models[name]:
            yield f"“{query}”: the weights of {name} are others"
    if was.settings != now.settings:
        yield f"“{query}”: the settings are others"


def _other_answer(old: Prediction, new: Prediction) -> Iterator[str]:
    was, now = ([(m.start, m.end) for m in each.moments] for each in (old, new))
    if was != now:
        yield f"“{old.query}”: the moments are {_spans(now)}, not {_spans(was)}"
    elif [m.score for m in old.moments] != [m.score for m in new.moments]:
        yield f"“{old.query}”: the scores of its moments are others"
    if old.presence != new.presence:
        yield f"“{old.query}”: the presence is {new.presence}, not {old.presence}"
    if old.failure != new.failure:
        yield f"“{old.query}”: {new.failure or 'it is answered now'}"
    same = replace(old, moments=(), presence=None, failure=None, receipt=None, video=None)
    if same != replace(new, moments=(), presence=None, failure=None, receipt=None, video=None):
        yield f"“{old.query}”: its curve, words, notes or steps are others"


def _spans(spans: list[tuple[float, float]]) -> str:
    return f"[{', '.join(f'{start:.3f}–{end:.3f}' for start, end in spans)}]"
