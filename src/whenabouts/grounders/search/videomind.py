"""VideoMind (arXiv:2503.13444): planner, grounder, verifier and answerer on one model, each with its own adapter.

The planner may reword the query and says which roles are called; the grounder names candidates; the verifier looks at
each with half its length around it, and the candidates are ranked by what it says. Where the plan calls the answerer,
it is shown the best moment and says what happens there. Questions are worded here: the
official ones, and the grounder's regression head (`llm.heads.videomind`), need the official checkpoints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Decoding, Engine, Frames, Turn
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.search.verify import Ask
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["ROLES", "VideoMind"]

Watch = Callable[[str, float], None]
ROLES = ("planner", "grounder", "verifier", "answerer")
PLAN = (
    "You plan how to find when something happens in a video of {duration:.0f} seconds: '{query}'. Roles: 'grounder' "
    "finds candidates for a plain sentence, which you may reword; 'verifier' checks them; 'answerer' answers a "
    "question about the best one. Answer with a JSON list such as "
    '[{{"type": "grounder", "value": "a dog barks"}}, {{"type": "verifier"}}].'
)
USUAL = [{"type": "grounder"}, {"type": "verifier"}]


@dataclass(slots=True)
class VideoMind:
    """Four roles as one grounder.

    model:   a folder with an adapter for each role in a folder of that name, and the base model in `base` or named by
             `base.txt`; or engines by role. Only the grounder must be there; a missing role is not called
    system:  how the grounder is asked        candidates: answers it gives
    frames, top, threshold, progress: as for `VideoLLM`

    The plan, the rewording and what verifier and answerer said stand in the `trace`; the answer is `said` last.
    """

    model: str | dict[str, Engine]
    system: str | None = None
    candidates: int = 5
    frames: int = 64
    top: int = 5
    threshold: float = 0.0
    cache: bool = True
    progress: Watch | None = field(default=None, repr=False)
    _roles: dict[str, Engine] | None = field(default=None, init=False, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        return [self._ground(video, query) for query in queries]

    @property
    def roles(self) -> dict[str, Engine]:
        """Engines by role, loaded when they are first asked for."""
        if self._roles is None:
            self._roles = _loaded(Path(self.model)) if isinstance(self.model, str) else self.model
            if "grounder" not in self._roles:
                raise ModelError("VideoMind needs a grounder among its roles")
        return self._roles

    def _ground(self, video: Video, query: str) -> Prediction:
        steps, words = self._plan(video, query)
        wanted = next((str(s["value"]) for s in steps if s.get("type") == "grounder" and s.get("value")), query)
        trace: list[dict[str, Any]] = [{"step": "plan", "said": words, "roles": [s["type"] for s in steps]}]
        inner = VideoLLM(
            self.roles["grounder"], self.system, self.frames, self.candidates, top=self.top, progress=self.progress
        )
        [found] = inner.ground(video, [wanted])
        rows = [[m.start, m.end, m.score] for m in found.moments]
        trace.append({"step": "ground", "event": wanted, "said": list(found.said), "moments": rows})
        moments = list(found.moments)
        if moments and "verifier" in self.roles and any(s["type"] == "verifier" for s in steps):
            sure = Ask(self.roles["verifier"]).verify(video, wanted, moments)
            trace.append({"step": "verify", "event": wanted, "scores": [round(s, 4) for s in sure]})
            moments = [replace(m, score=round(s, 4)) for m, s in zip(moments, sure, strict=True)]
        kept = tuple(sorted((m for m in moments if m.score >= self.threshold), key=lambda m: -m.score))
        said = found.said
        if kept and "answerer" in self.roles and any(s["type"] == "answerer" for s in steps):
            answer = self._answer(video, query, kept[0])
            trace.append({"step": "answer", "moment": [kept[0].start, kept[0].end], "said": answer})
            said = (*said, answer)
        receipt = found.receipt and replace(
            found.receipt, grounder="videomind", settings=found.receipt.settings | {"roles": list(self.roles)}
        )
        return replace(found, query=query, moments=kept[: self.top], receipt=receipt, said=said, trace=tuple(trace))

    def _answer(self, video: Video, query: str, moment: Moment) -> str:
        frames = _glance(video, moment.start, moment.end)
        asked = (Turn("user", (*range(len(frames.images)), query)),)
        [[reply]] = self.roles["answerer"].answer([asked], frames, Decoding(256))
        return reply.text

    def _plan(self, video: Video, query: str) -> tuple[list[dict[str, Any]], str]:
        """Roles to call; a plan that cannot be read is the usual one."""
        if "planner" not in self.roles:
            return USUAL, ""
        frames = _glance(video, 0.0, video.duration)
        asked = (Turn("user", (*range(len(frames.images)), PLAN.format(duration=video.duration, query=query))),)
        [[reply]] = self.roles["planner"].answer([asked], frames, Decoding(256))
        return _read(reply.text) or USUAL, reply.text


GLANCE = 8  # frames that a planner sees of the video, and an answerer of a moment


def _glance(video: Video, start: float, end: float) -> Frames:
    fps = GLANCE / (end - start)
    shown = list(video.sample(fps, start=start, end=end, size=SIDE))[:GLANCE]
    return Frames(tuple(i / fps for i in range(len(shown))), tuple(frame.image for frame in shown), fps)


SIDE = 336


def _read(text: str) -> list[dict[str, Any]]:
    """The steps of a plan that name a role; none where the text has no such list."""
    match = re.search(r"\[.*\]", text[:4000], re.DOTALL)
    try:
        steps = json.loads(match[0]) if match else []
    except ValueError:
        return []
    known = [s for s in steps if isinstance(s, dict) and s.get("type") in ROLES]
    return known if any(s["type"] == "grounder" for s in known) else []


def _loaded(folder: Path) -> dict[str, Engine]:
    from whenabouts.grounders.llm.engines.roles import with_adapters
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

    adapters = {role: folder / role for role in ROLES if (folder / role / "adapter_config.json").is_file()}
    if "grounder" not in adapters:
        raise ModelError(f"{folder} has no adapter in {folder / 'grounder'}; VideoMind needs one for each role")
    named = folder / "base.txt"
    base = named.read_text("utf-8").strip() if named.is_file() else str(folder / "base")
    return dict(with_adapters(TransformersEngine(base), adapters))
