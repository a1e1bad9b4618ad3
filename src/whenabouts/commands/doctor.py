"""`Doctor`: whether this installation works, and whether a model keeps time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import Field

from whenabouts.commands.check import Check, State
from whenabouts.commands.command import Command
from whenabouts.commands.grounding import Grounding
from whenabouts.errors import WhenaboutsError

__all__ = ["Doctor"]

FIELDS = Grounding.model_fields
OF_MODEL = ("prompting", "frames", "fps", "send", "timeout", "device", "quantised")
STATES: dict[str, State] = {"right": "ok", "uncertain": "doubtful"}


class Doctor(Command):
    """What is looked at: the installation, and then a model if one is named."""

    deep: bool = Field(
        False, description="Import every extra, use every model once, and read every file of the cache: half a minute."
    )
    repair: bool = Field(
        False, description="Remove damaged files of the cache and what killed runs left, and put libraries right."
    )
    library: list[Path] | None = Field(
        None, description="Look at this library; by default at that of the current folder. Repeatable."
    )
    model: str | None = Field(
        None,
        description="Examine this model too, one that answers in words: openai:URL#NAME, hub:NAME, a folder or a "
        "name of `whenabouts models`.",
    )
    prompting: str | None = Field(None, description=FIELDS["prompting"].description)
    frames: int | None = Field(None, ge=1, description=FIELDS["frames"].description)
    fps: float | None = Field(None, ge=0.01, le=120, description=FIELDS["fps"].description)
    send: Literal["frames", "video"] | None = Field(None, description=FIELDS["send"].description)
    timeout: float | None = Field(None, gt=0, description=FIELDS["timeout"].description)
    device: str | None = Field(None, description=FIELDS["device"].description)
    quantised: Literal["8bit", "4bit"] | None = Field(None, description=FIELDS["quantised"].description)

    def run(self) -> Iterator[Check]:
        """Each check when it is done. Raises nothing: what goes wrong is a check that is `broken`."""
        from whenabouts.commands.checks.installation import installation

        yield from installation(self.library or [], deep=self.deep, repair=self.repair)
        if self.model is not None:
            yield from self.examined(self.model)

    def examined(self, name: str) -> Iterator[Check]:
        """The checks of a model. Raises nothing."""
        try:
            yield from self._examined(name)
        except WhenaboutsError as error:
            yield Check("model", "broken", str(error))
        except Exception as error:  # a model of strangers fails in any way it likes
            yield Check("model", "broken", f"{name} cannot be examined: {type(error).__name__}: {error}")

    def _examined(self, name: str) -> Iterator[Check]:
        from whenabouts.grounders import load
        from whenabouts.grounders.llm.examination import examine
        from whenabouts.grounders.llm.grounder import VideoLLM
        from whenabouts.synthetic.timed import EVENT, QUERY, make_timed_video
        from whenabouts.video import Video

        settings: dict[str, Any] = {each: value for each in OF_MODEL if (value := getattr(self, each)) is not None}
        grounder = load(name, **settings)
        if not isinstance(grounder, VideoLLM):
            yield Check(
                "model", "broken", f"{name} does not answer in words, so it cannot be asked how long a video is"
            )
            return
        with TemporaryDirectory(prefix="whenabouts-") as folder:
            made = make_timed_video(Path(folder) / "timed.mp4")
            with Video(made.path) as video:
                found = examine(grounder, video, QUERY, EVENT)
        judgement = found.judgement
        yield Check("model", "ok", f"{grounder.engine.name}, asked as {grounder.paper.title}")
        state = STATES.get(judgement.verdict, "broken")
        if found.no_video:
            told = f"{judgement.sentence}, but no video was tried: {found.no_video}"
            yield Check("time", "doubtful" if state == "ok" else state, told)
        else:
            yield Check("time", state, judgement.sentence)
        said: State = "ok" if judgement.verdict == "right" else "doubtful"
        yield Check("length", said, f"asked: how long is it (26 s)? answered: {_line(found.length)}")
        yield Check("moment", said, f"asked: when is there {QUERY} (8 to 14 s)? answered: {_line(found.moment)}")
        limit = found.limit
        if limit.known:
            takes = f"at most {limit.said} at once, as the server says"
        elif limit.refused:
            takes = f"{found.frames} at once are taken, {limit.refused} are not"
        else:
            takes = f"{found.frames} or more at once"
        yield Check("frames", "ok", takes)
        yield Check("latency", "ok", f"{found.seconds:.2g} s for an answer")
        told = "given: scores say how sure the model is" if found.probabilities else "not given: scores are 1"
        yield Check("probabilities", "ok" if found.probabilities else "absent", told)
        for note in (note for note in found.notes if note != found.no_video):
            yield Check("parameters", "doubtful", note)
        streams = getattr(grounder.engine, "streams", None)
        if streams is not None:
            streamed = streams()
            yield Check("streams", "ok" if streamed else "absent", "yes" if streamed else "no")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= 100 else f"{line[:100]}…") or "nothing"
