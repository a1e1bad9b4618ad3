"""`Watch`: when sentences happen in a stream, while they happen."""

from __future__ import annotations

import time
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from whenabouts.commands.command import Command, Query, checked_queries
from whenabouts.commands.settings import read_settings
from whenabouts.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from whenabouts.commands.watching import Watching
    from whenabouts.commands.watching.cutting import Cut
    from whenabouts.commands.watching.state import State
    from whenabouts.grounders.stream.listening import Listener
    from whenabouts.grounders.stream.online import OnlineGrounder
    from whenabouts.video.live.address import Address
    from whenabouts.video.live.stream import Stream

__all__ = ["Watch"]

SECRET = {"webhook", "program"}  # left out of receipts: they may hold keys
MARGIN = 60.0  # seconds that are kept beside a clip: pictures may wait, and an end is told some seconds late
EventState = Literal["started", "updated", "ended"]


class Watch(Command):
    """Standing queries, the model that looks for them, and what is done with their events."""

    queries: Annotated[
        list[Query], Field(max_length=100), BeforeValidator(lambda given: checked_queries(given) if given else [])
    ] = Field([], description="What to look for, in a few words.")
    queries_file: Path | None = Field(
        None, description="More queries, one a line; the file is read again whenever it changes."
    )
    model: str = Field("similarity", description="Online model: a name of `whenabouts models`, or NAME:MODEL.")
    fps: float | None = Field(
        None, ge=0.01, le=120, description="Pictures looked at per second. Default: the model's own."
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Leave out moments that score less: higher is quieter. Default: the model's own."
    )
    device: str | None = Field(
        None, description="Where models run: cpu, cuda, cuda:1 … Default: a GPU if there is one."
    )
    settings: Annotated[dict[str, Any], BeforeValidator(read_settings)] = Field(
        {}, description="More settings of the model, by name, such as policy or hop; each page says which it has."
    )
    speech: bool = Field(False, description="Also listen to what is said; needs the extra speech.")
    speech_model: str | None = Field(
        None, description="Recognise speech with this faster-whisper model, a name or a folder."
    )
    speed: float | None = Field(
        None, gt=0, description="Read a file this many times as fast as it plays. Default: as fast as it can be."
    )
    follow: bool = Field(False, description="The file is still being written: wait for more.")
    idle: float | None = Field(
        None, gt=0, description="With --follow: end after so many seconds in which nothing was added. Default: never."
    )
    wait: float = Field(10.0, ge=0, description="Wait so many seconds for a source that is not there yet.")
    seconds: float | None = Field(None, gt=0, description="Stop after so many seconds of the stream.")
    events: Path | None = Field(None, description="Append everything that is told to this file, as JSON Lines.")
    clips: Path | None = Field(None, description="Cut each moment that ended into this folder.")
    pre: float = Field(3.0, ge=0, le=60, description="Seconds before a moment in its clip.")
    post: float = Field(3.0, ge=0, le=60, description="Seconds after a moment in its clip.")
    longest: float = Field(60.0, gt=0, le=600, description="Of a longer moment a clip holds the last so many seconds.")
    webhook: str | None = Field(None, description="Post events as JSON to this http or https address.")
    program: str | None = Field(
        None, description="Start this program for each event: JSON on its stdin, WHENABOUTS_QUERY … in its environment."
    )
    on: tuple[EventState, ...] = Field(
        ("started", "ended"), min_length=1, description="Events for --webhook and --run: started, updated, ended."
    )
    state: Path | None = Field(
        None, description="Save here how it stands, every few seconds and at the end, and go on from it at the start."
    )

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """As `Command.of`; a path may be a string, and one kind of event too."""
        paths = {name for name, field in cls.model_fields.items() if field.annotation == Path | None}
        given = {
            name: Path(value) if name in paths and isinstance(value, str | PathLike) else value
            for name, value in fields.items()
        }
        if isinstance(states := given.get("on"), str):
            given["on"] = (states,)
        return super().of(**given)

    def run(self, source: str | PathLike[str], *, told: Callable[..., None] | None = None) -> Watching:
        """A watch that begins when it is iterated over, and gives its events; it runs on until the source ends.

        source: a file, "-" for stdin, or an address such as rtsp://…, http://…, udp://…
        told:   receives everything, events too: see `commands.watching.Told`

        Raises VideoError, QueryError, ModelError, InputError, MissingExtra; iterating raises VideoError where the
        source can never be read. Whatever else goes wrong is told.
        """
        from whenabouts.commands.watching import Began, Watching
        from whenabouts.commands.watching.asked import QueriesFile
        from whenabouts.commands.watching.state import Saving, State
        from whenabouts.video.live.address import Address

        name = Address.parse(source if isinstance(source, str) else Path(source))
        queries_file = QueriesFile(self.queries_file) if self.queries_file is not None else None
        grounder = self._grounder()
        state = State.read(self.state) if self.state is not None else None
        if state is not None and self.state is not None:
            state.fits(self.state, name.name, self.model)
            state.restore(self.state, grounder)
        first = [*self.queries, *(queries_file.queries if queries_file else ())]
        for query in dict.fromkeys(first):
            if query not in grounder.queries:
                grounder.add(query)
        if not grounder.queries and queries_file is None:
            raise QueryError("no query is asked; say in a few words what to look for")
        of_file = name.kind == "file"
        begins = self._begins(state, of_file=of_file)
        stream = self._opened(source, grounder, start_at=0.0 if of_file else begins)
        began = Began(
            stream.name,
            self.model,
            grounder.queries,
            begins,
            state is not None,
            self.model_dump(mode="json", exclude_defaults=True, exclude=SECRET | {"queries"}) | grounder.settings(),
            grounder.models,
            {query: notes for query in grounder.queries if (notes := grounder.notes(query))},
        )
        watching = Watching(
            stream,
            grounder,
            began,
            utc=stream.utc,
            seen=begins if of_file else 0.0,
            gap=(state.clock, begins) if state is not None and not of_file else None,
            until=None if self.seconds is None else begins + self.seconds,
            told=() if told is None else (told,),
        )
        watching.parts.queries_file = queries_file
        watching.parts.listener = self._listener(drops=not of_file or self.follow)
        watching.parts.saving = Saving(self.state, watching.report) if self.state is not None else None
        self._put_sinks(watching, self._cut(watching, stream, name))
        return watching

    def _grounder(self) -> OnlineGrounder:
        from whenabouts.grounders.stream import load_online

        settings = {"fps": self.fps, "threshold": self.threshold, "device": self.device}
        given = {name: value for name, value in settings.items() if value is not None}
        grounder = load_online(self.model, **{**self.settings, **given})
        grounder.hears = frozenset({"said"} if self._listens else ())
        return grounder

    @property
    def _listens(self) -> bool:
        return self.speech or self.speech_model is not None

    def _listener(self, *, drops: bool) -> Listener | None:
        if not self._listens:
            return None
        from whenabouts.evidence.speech import SpeechRecogniser
        from whenabouts.grounders.stream.listening import Listener

        return Listener(SpeechRecogniser(self.speech_model, device=self.device), drops=drops)

    def _begins(self, state: State | None, *, of_file: bool) -> float:
        """Where the clock of the stream begins: where it stood, and later by the time that passed if it is live."""
        if state is None:
            return 0.0
        return state.clock if of_file else state.clock + max(0.0, time.time() - state.wall)

    def _opened(self, source: str | PathLike[str], grounder: OnlineGrounder, *, start_at: float) -> Stream:
        from whenabouts.video.live import open_live

        return open_live(
            source if isinstance(source, str) else Path(source),
            fps=grounder.fps,
            size=grounder.size,
            sound=self._listens,
            speed=self.speed,
            follow=self.follow,
            idle=self.idle,
            start_at=start_at,
            wait=self.wait,
            keep=self.pre + self.longest + self.post + MARGIN if self.clips is not None else 0.0,
        )

    def _cut(self, watching: Watching, stream: Stream, source: Address) -> Cut | None:
        """What clips are cut from: a file that is complete, else what is kept of the stream."""
        from whenabouts.commands.watching.cutting import OfFile

        if source.kind == "file" and not self.follow:
            of_file = OfFile(source.path)
            watching.listen(of_file.told)
            return of_file.clip
        return stream.ring.clip if stream.ring is not None else None

    def _put_sinks(self, watching: Watching, cut: Cut | None) -> None:
        from whenabouts.commands.watching.sinks.clips import Clips
        from whenabouts.commands.watching.sinks.program import Program
        from whenabouts.commands.watching.sinks.rows import Rows
        from whenabouts.commands.watching.sinks.webhook import Webhook

        parts, report = watching.parts, watching.report
        if self.clips is not None and cut is not None:
            around = {"pre": self.pre, "post": self.post, "longest": self.longest}
            parts.clips = Clips(self.clips, cut, watching.tell, report, **around)
        if self.webhook is not None:
            parts.sinks.append(Webhook(self.webhook, self.on, report))
        if self.program is not None:
            parts.sinks.append(Program(self.program, self.on, report))
        if self.events is not None:  # last, so that it is told of the troubles of the others until the end
            parts.sinks.append(Rows(self.events, report))
