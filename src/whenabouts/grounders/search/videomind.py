"""VideoMind (arXiv:2503.13444): planner, grounder, verifier and answerer on one model, each with its own adapter.

The planner may reword the query and says which roles are called; the grounder names candidates; the verifier looks at
each with half its length around it, and the candidates are ranked by what it says. Where the plan calls the answerer,
it is shown the best moment and says what happens there. Questions are worded here: the
official ones, and the grounder's regression head (`llm.systems.videomind.head`), need the official checkpoints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.llm.conversation import Decoding, Engine, Turn
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.search.showing import frames_of
from whenabouts.grounders.search.verify import Ask
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

__all__ = ["ROLES", "VideoMind"]

GLANCE = 8  # frames that a planner sees of the video, and an answerer of a moment
ROLES = ("planner", "grounder", "verifier", "answerer")
PLAN = (
    "You plan how to find when something happens in a video of {duration:.0f} seconds: '{query}'. Roles: 'grounder' "
    "finds candidates for a plain sentence, which you may reword; 'verifier' checks them; 'answerer' answers a "
    "question about the best one. Answer with a JSON list such as "
    '[{{"type": "grounder", "value": "a dog barks"}}, {{"type": "verifier"}}].'
)
DEFAULT_PLAN = [{"type": "grounder"}, {"type": "verifier"}]


@dataclass
class VideoMind(BaseGrounder):
    """Four roles as one grounder.

    model:   a folder with an adapter for each role in a folder of that name, and the base model in `base` or named by
             `base.txt`; or engines by role. Only the grounder must be there; a missing role is not called
    prompting, frames: as for `VideoLLM`, for the grounder        candidates: answers it gives

    The plan, the rewording and what verifier and answerer said stand in the `trace`; the answer is `said` last.
    """

    name = "videomind"
    whole = True
    weights = ("model", "device")

    model: str | dict[str, Engine]
    prompting: str | None = None
    candidates: int = 5
    frames: int = 64

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all candidates, best first."""
        return [self._predict(video, query) for query in queries]

    @cached_property
    def roles(self) -> dict[str, Engine]:
        """Engines by role, loaded on first use and kept. Raises ModelError, MissingExtra."""
        roles = _loaded(Path(self.model), self.device) if isinstance(self.model, str) else self.model
        if "grounder" not in roles:
            raise ModelError("VideoMind needs a grounder among its roles")
        return roles

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now: all roles are adapters of one model."""
        roles = self.__dict__.get("roles", {})
        return max((getattr(engine, "weight_bytes", 0) for engine in roles.values()), default=0)

    def _predict(self, video: Video, query: str) -> Prediction:
        steps, words = self._plan(video, query)
        event = next((str(s["value"]) for s in steps if s.get("type") == "grounder" and s.get("value")), query)
        trace: list[dict[str, Any]] = [{"step": "plan", "said": words, "roles": [s["type"] for s in steps]}]
        [found] = self._candidates(video, event)
        rows = [[m.start, m.end, m.score] for m in found.moments]
        trace.append({"step": "ground", "event": event, "said": list(found.said), "moments": rows})
        moments = list(found.moments)
        if moments and "verifier" in self.roles and any(s["type"] == "verifier" for s in steps):
            sure = Ask(self.roles["verifier"]).verify(video, event, moments)
            trace.append({"step": "verify", "event": event, "scores": [round(s, 4) for s in sure]})
            moments = [replace(m, score=round(s, 4)) for m, s in zip(moments, sure, strict=True)]
        moments.sort(key=lambda m: -m.score)
        said = found.said
        sought = bool(moments) and moments[0].score >= self.threshold
        if sought and "answerer" in self.roles and any(s["type"] == "answerer" for s in steps):
            answer = self._answer(video, query, moments[0])
            trace.append({"step": "answer", "moment": [moments[0].start, moments[0].end], "said": answer})
            said = (*said, answer)
        receipt = found.receipt and self.receipt(
            video, found.receipt.models, **(found.receipt.settings | {"roles": list(self.roles)})
        )
        return replace(found, query=query, moments=tuple(moments), receipt=receipt, said=said, trace=tuple(trace))

    def _candidates(self, video: Video, event: str) -> list[Prediction]:
        """What the grounder names; as an engine is given to it, it holds no weights of its own."""
        inner = VideoLLM(
            self.roles["grounder"],
            prompting=self.prompting,
            frames=self.frames,
            samples=self.candidates,
            top=self.top,
            progress=self.progress,
        )
        return inner.ground(video, [event])

    def _answer(self, video: Video, query: str, moment: Moment) -> str:
        frames = frames_of(video, moment.start, moment.end, GLANCE)
        question = (Turn("user", (*range(len(frames.images)), query)),)
        [[reply]] = self.roles["answerer"].answer([question], frames, Decoding(256))
        return reply.text

    def _plan(self, video: Video, query: str) -> tuple[list[dict[str, Any]], str]:
        """Roles to call, with what the planner said; a plan that cannot be read is the default one."""
        if "planner" not in self.roles:
            return DEFAULT_PLAN, ""
        frames = frames_of(video, 0.0, video.duration, GLANCE)
        question = (Turn("user", (*range(len(frames.images)), PLAN.format(duration=video.duration, query=query))),)
        [[reply]] = self.roles["planner"].answer([question], frames, Decoding(256))
        return _read(reply.text) or DEFAULT_PLAN, reply.text


def _read(text: str) -> list[dict[str, Any]]:
    """The steps of a plan that name a role; none where the text has no such list."""
    match = re.search(r"\[.*\]", text[:4000], re.DOTALL)
    try:
        steps = json.loads(match[0]) if match else []
    except ValueError:
        return []
    known = [s for s in steps if isinstance(s, dict) and s.get("type") in ROLES]
    return known if any(s["type"] == "grounder" for s in known) else []


def _loaded(folder: Path, device: str | None) -> dict[str, Engine]:
    from whenabouts.grounders.llm.engines.roles import with_adapters
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

    adapters = {role: folder / role for role in ROLES if (folder / role / "adapter_config.json").is_file()}
    if "grounder" not in adapters:
        raise ModelError(f"{folder} has no adapter in {folder / 'grounder'}; VideoMind needs one for each role")
    named = folder / "base.txt"
    base = named.read_text("utf-8").strip() if named.is_file() else str(folder / "base")
    return dict(with_adapters(TransformersEngine(base, device=device), adapters))
