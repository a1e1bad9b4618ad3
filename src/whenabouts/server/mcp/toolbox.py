"""The tools: what each is called, what it promises about reading and writing, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from pydantic import BaseModel

from whenabouts.commands import Command
from whenabouts.errors import InputError, LibraryError
from whenabouts.evidence import KINDS, word_kinds
from whenabouts.files.atomic import replacing
from whenabouts.files.cache import cache_folder
from whenabouts.library import LIBRARY
from whenabouts.prediction import ABSENT
from whenabouts.progress import Progress
from whenabouts.server.hiding import Hiding
from whenabouts.server.mcp import descriptions, looking, quoting
from whenabouts.server.mcp.arguments import (
    ClipArguments,
    ExportArguments,
    FindArguments,
    FrameArguments,
    FramesArguments,
    IndexArguments,
    ListenArguments,
    SearchArguments,
    TranscriptArguments,
    VideosArguments,
)
from whenabouts.server.mcp.exporting import exported
from whenabouts.server.mcp.folders import Folders
from whenabouts.server.mcp.resources import Resources
from whenabouts.server.mcp.results import (
    ClipResult,
    ExportResult,
    FindResult,
    FrameResult,
    FramesResult,
    IndexResult,
    ListedVideo,
    ListenResult,
    SearchHit,
    SearchResult,
    TranscriptResult,
    UnreadVideo,
    VideosResult,
    WithMedia,
)
from whenabouts.server.milliseconds import exact_ends, shortened
from whenabouts.server.sounds import MAX_SECONDS
from whenabouts.video import Video

__all__ = ["Tool", "Toolbox"]

Asked = TypeVar("Asked", FindArguments, SearchArguments)
INDEX_PARTS = ("indexed", "known", "gone")  # of a report that are counted
MAX_HITS = 1000  # of a library


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as clients see it, and the function behind it.

    arguments, result: their models
    writes: whether it makes files for the user; caches of its own do not count
    kept: whether its answer stays as a resource
    """

    name: str
    title: str
    description: str
    arguments: type[Command]
    result: type[BaseModel]
    run: Callable[[Any, Progress], BaseModel | WithMedia]
    writes: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Toolbox:
    """The tools of one server, with the folders they read and write.

    models:   those that clients may choose, the first one by default
    defaults: fields of `Find` that the operator set, such as the encoder
    library:  the path of a library; None is `.whenabouts` in each of the folders
    clips:    the folder that clips are written to, made for the first one; None leaves out the tools that write
    whole:    all folders of the server, where `folders` are those that one user may see
    offered:  the names of the tools that this user may call; None is all of them
    """

    folders: Folders
    models: tuple[str, ...] = ("similarity",)
    defaults: dict[str, Any] = field(default_factory=dict)
    library: Path | None = None
    clips: Path | None = None
    whole: Folders | None = None
    offered: frozenset[str] | None = None
    resources: Resources = field(default_factory=Resources, repr=False)
    _cutting: Lock = field(default_factory=Lock, repr=False)

    def tools(self) -> list[Tool]:
        """Every tool that is offered."""
        find = descriptions.FIND.format(kinds=", ".join(KINDS), absent=ABSENT)
        listen = descriptions.LISTEN.format(seconds=MAX_SECONDS)
        quote = descriptions.TRANSCRIPT.format(kinds=", ".join(KINDS[name].label for name in word_kinds()))
        offered = [
            Tool("find", "Find moments in a video", find, FindArguments, FindResult, self.find, kept=True),
            Tool(
                "search",
                "Search all indexed videos",
                descriptions.SEARCH,
                SearchArguments,
                SearchResult,
                self.search,
                kept=True,
            ),
            Tool("frame", "Show one frame", descriptions.FRAME, FrameArguments, FrameResult, self.frame),
            Tool("frames", "Show a contact sheet", descriptions.FRAMES, FramesArguments, FramesResult, self.frames),
            Tool("listen", "Listen to a stretch", listen, ListenArguments, ListenResult, self.listen),
            Tool("transcript", "Quote words", quote, TranscriptArguments, TranscriptResult, self.transcript),
            Tool("videos", "List videos", descriptions.VIDEOS, VideosArguments, VideosResult, self.videos),
        ]
        if self.clips is not None:
            inside = self.folders.contain(self.clips)
            folder = f"the folder {self.folders.name(self.clips)}" if inside else "the folder of clips"
            clip, export = descriptions.CLIP.format(folder=folder), descriptions.EXPORT.format(folder=folder)
            index = descriptions.INDEX
            offered += [
                Tool("index", "Index all videos", index, IndexArguments, IndexResult, self.index, writes=True),
                Tool("clip", "Write a clip", clip, ClipArguments, ClipResult, self.clip, writes=True),
                Tool(
                    "export", "Write a file to hand on", export, ExportArguments, ExportResult, self.export, writes=True
                ),
            ]
        return [tool for tool in offered if self.offered is None or tool.name in self.offered]

    @cached_property
    def model_names(self) -> dict[str, str]:
        """The models by the names that clients see: of one in a file or a folder, that without its folder."""
        return {Path(model).name if Path(model).exists() else model: model for model in self.models}

    @cached_property
    def hiding(self) -> Hiding:
        """What clients see in place of paths of this machine."""
        whole = self.whole.secrets() if self.whole else ()
        secrets = [*self.folders.secrets(), *whole, *((model, name) for name, model in self.model_names.items())]
        for place in (self.library, self.clips, cache_folder()):
            if place is not None:
                secrets += [(f"{place}/", ""), (str(place), place.name)]
        return Hiding(secrets)

    def find(self, arguments: FindArguments, progress: Progress) -> FindResult:
        """The moments of one video."""
        path = self.folders.video(arguments.video)
        arguments = self._placed(arguments)
        with arguments.open(path) as video:
            predictions = arguments.run(video, progress=progress)
        name = self.folders.name(path)
        return FindResult(video=name, predictions=[replace(each, video=name) for each in predictions])

    def search(self, arguments: SearchArguments, progress: Progress) -> SearchResult:
        """The moments of all indexed videos that are in the folders."""
        every = self._placed(arguments).model_copy(update={"top": MAX_HITS})  # clips that were cut here are left out
        found = every.run(*self._libraries(), folders=self.folders.roots, progress=progress)
        hits = []
        for each in found:
            names = [self.folders.name(Path(path)) for path in (each.path, *each.copies) if self._listable(path)]
            if names:
                hits.append(SearchHit(video=names[0], moment=each.moment, copies=names[1:], notes=list(each.notes)))
        best = max((hit.moment.score for hit in hits), default=0.0)
        presence = None if found.presence is None else min(best, found.presence)
        return SearchResult(
            hits=hits[: arguments.top],
            presence=presence,
            absent=replace(found, presence=presence).absent,
            videos=found.videos,
            notes=list(found.notes),
        )

    def index(self, arguments: IndexArguments, progress: Progress) -> IndexResult:
        """Every video of the folders in the library."""
        progress("indexing", 0.0)
        reports = [arguments.run(root, self.library, progress=progress) for root in self.folders.roots]
        failed = [
            UnreadVideo(video=self.folders.name(Path(path)), problem=self.hiding.sentence(reason))
            for report in reports
            for path, reason in report.failed.items()
        ]
        indexed, known, gone = (sum(len(getattr(each, part)) for each in reports) for part in INDEX_PARTS)
        return IndexResult(indexed=indexed, known=known, gone=gone, failed=failed)

    def frame(self, arguments: FrameArguments, _progress: Progress) -> WithMedia:
        """The picture at a time."""
        path = self.folders.video(arguments.video)
        return looking.frame(path, self.folders.name(path), arguments)

    def frames(self, arguments: FramesArguments, progress: Progress) -> WithMedia:
        """Many pictures on one sheet."""
        path = self.folders.video(arguments.video)
        return looking.frames(path, self.folders.name(path), arguments, progress)

    def listen(self, arguments: ListenArguments, progress: Progress) -> WithMedia:
        """The sound of a stretch."""
        path = self.folders.video(arguments.video)
        return looking.listen(path, self.folders.name(path), arguments, progress)

    def transcript(self, arguments: TranscriptArguments, progress: Progress) -> TranscriptResult:
        """Words around a time, words that are searched for, or all of them."""
        path = self.folders.video(arguments.video)
        speech_model = self.defaults.get("speech_model")
        return quoting.transcript(path, self.folders.name(path), arguments, progress, speech_model=speech_model)

    def videos(self, arguments: VideosArguments, progress: Progress) -> VideosResult:
        """The videos of the folders, without the clips that were cut from them."""
        containing = (arguments.containing or "").casefold()
        paths = {self.folders.name(path): path for path in self._videos()}
        names = sorted(
            name
            for name in paths
            if containing in name.casefold() and (arguments.after is None or name > arguments.after)
        )
        listed = []
        for number, name in enumerate(names[: arguments.limit]):
            progress("opening videos", number / min(arguments.limit, len(names)))
            listed.append(self._listed(name, paths[name]))
        return VideosResult(videos=listed, more=len(names) > arguments.limit)

    def clip(self, arguments: ClipArguments, _progress: Progress) -> ClipResult:
        """A stretch as a file of its own; a clip that exists already is left as it is."""
        from whenabouts.interchange.clip_names import clip_name

        if self.clips is None:
            raise InputError("this server writes no clips")
        path = self.folders.video(arguments.video)
        with Video(path) as video:
            start, end = _clip_ends(video, arguments)
            out = self.clips / clip_name(arguments.label or path.stem, 1, start, end, video.sha256)
            with self._cutting:  # two calls for the same clip write it once
                written = not out.exists()
                if written:
                    _make_folder(self.clips)
                    video.cut(start, end, out, smart=True)
            note = shortened(video, arguments.end)
        return ClipResult(
            path=self.folders.name(out),
            uri=self.resources.clip(out).uri,
            video=self.folders.name(path),
            start=start,
            end=end,
            written=written,
            note=note,
        )

    def export(self, arguments: ExportArguments, progress: Progress) -> ExportResult:
        """Moments or a transcript as a file; one with the same content that exists already is left as it is."""
        if self.clips is None:
            raise InputError("this server writes no files")
        speech_model = self.defaults.get("speech_model")
        made = exported(arguments, self.folders, self.resources, progress, speech_model=speech_model)
        with self._cutting:
            _make_folder(self.clips)
            out = _free(self.clips / made.name, made.data)
            written = not out.exists()
            if written:
                with replacing(out) as part:
                    part.write_bytes(made.data)
        return ExportResult(
            path=self.folders.name(out),
            uri=self.resources.file(out).uri,
            written=written,
            notes=list(made.notes),
            text=made.text,
        )

    def _placed(self, arguments: Asked) -> Asked:
        """The arguments with the path of the example, which is in the allowed folders. Raises InputError."""
        example = arguments.example
        if example is None or not example.path:
            return arguments
        placed = replace(example, path=str(self.folders.file(example.path)))
        return arguments.model_copy(update={"like": str(placed)})

    def _libraries(self) -> list[Path]:
        from whenabouts.library.store import is_library

        places = [self.library] if self.library else [root / LIBRARY for root in (self.whole or self.folders).roots]
        found = [place for place in places if is_library(place)]
        if not found:
            make = "use the tool `index`" if self.clips else "run `whenabouts index DIR`"
            raise LibraryError(f"there is no library yet; {make}, or ask about one video with the tool `find`")
        return found

    def _videos(self) -> Sequence[Path]:
        from whenabouts.library.scan import files

        return [file.path for root in self.folders.roots for file in files(root) if self._listable(file.path)]

    def _listed(self, name: str, path: Path) -> ListedVideo:
        try:
            with Video(path) as video:
                return ListedVideo(video=name, seconds=video.duration, problem=None)
        except InputError as error:
            return ListedVideo(video=name, seconds=None, problem=self.hiding.sentence(str(error)))

    def _listable(self, path: str | Path) -> bool:
        """Whether a file, links followed, is in one of the folders, and is no clip that was cut here."""
        place = Path(path).resolve()
        return self.folders.contain(place) and not (self.clips and place.is_relative_to(self.clips))


def _clip_ends(video: Video, arguments: ClipArguments) -> tuple[float, float]:
    """The exact start and end that are meant. Raises InputError."""
    if arguments.start >= video.duration:
        raise InputError(f"start: the video ends at {video.duration:.3f} s, before {arguments.start:.12g} s")
    if arguments.start >= arguments.end:
        raise InputError(f"a clip needs 0 <= start < end, got {arguments.start:.12g} to {arguments.end:.12g}")
    return exact_ends(video, arguments.start, arguments.end)


def _free(path: Path, data: bytes) -> Path:
    """The path, or one with a number behind its name: the first that is free, or that has the same content."""
    name, _, suffix = path.name.partition(".")
    forms = (path if number == 1 else path.with_name(f"{name}-{number}.{suffix}") for number in count(1))
    return next(form for form in forms if not form.exists() or form.read_bytes() == data)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {path.name} for files cannot be made: {error.strerror}") from error
