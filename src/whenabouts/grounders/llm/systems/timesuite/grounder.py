"""`find --model timesuite:FOLDER`: VideoChat-T as its authors run it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.choosing import chosen
from whenabouts.grounders.llm.conversation import Conversation, Frames
from whenabouts.grounders.llm.papers.timesuite import TIMESUITE, Segments
from whenabouts.grounders.llm.shown import shown
from whenabouts.grounders.llm.systems.system import ChoosingSystem, larger
from whenabouts.grounders.llm.systems.timesuite.loading import Loaded, load
from whenabouts.grounders.llm.systems.timesuite.pictures import pixels
from whenabouts.moment import Moment
from whenabouts.selection import Selection, Selector
from whenabouts.video import Video

__all__ = ["TimeSuite", "about_clips", "prompt"]


@dataclass
class TimeSuite(ChoosingSystem):
    """A folder of TimeSuite's published files (see `loading`): 128 frames as 16 clips, and greedy decoding.

    The moment is the first range of the answer, read as the authors' evaluation reads it. Its score is 1: the model
    gives none. An answer without a range gives no moment.
    """

    name: ClassVar[str] = "timesuite"
    paper = TIMESUITE

    def load(self, folder: Path, device: str) -> Loaded:
        """The network with what prepares its input. Raises ModelError."""
        return load(folder, device)

    def identities(self, loaded: Loaded) -> dict[str, str]:
        """The sha256 of every file that was read."""
        return dict(loaded.hashes)

    def show(self, video: Video, loaded: Loaded) -> Frames:
        """As many frames as the network takes; a video of fewer pictures shows its last one again.

        Raises VideoError, ModelError for a number of `frames` that it cannot take.
        """
        rule = self._rule(video, loaded)
        return _filled(shown(video, rule, fps=self.fps), rule.max_frames)

    def choose(self, video: Video, loaded: Loaded, query: str, selector: Selector) -> tuple[Frames, Selection]:
        """As many frames as `show` gives, of which the last may be repeated. Raises as `show`."""
        rule = self._rule(video, loaded)
        frames, selection, _ = chosen(selector, video, rule, query, fps=self.fps)
        return _filled(frames, rule.max_frames), selection

    def _rule(self, video: Video, loaded: Loaded) -> Segments:
        sizes = loaded.network.sizes
        wanted = self.frames or sizes.frames
        if wanted > sizes.frames or wanted % sizes.whole:
            raise ModelError(
                f"TimeSuite is shown {sizes.frames} frames, or fewer in a multiple of {sizes.whole}, not {wanted}"
            )
        return Segments(max_frames=wanted, side=larger(sizes.side, video))

    @torch.inference_mode()
    def ask(
        self, loaded: Loaded, frames: Frames, queries: Sequence[str], duration: float
    ) -> list[tuple[list[Moment], str]]:
        """For each query the moment of its answer, and the answer."""
        network = loaded.network
        with _mixed(network.device):
            video = _watched(loaded, frames)
        answers: list[tuple[list[Moment], str]] = []
        for query in queries:
            before, after = prompt(self.paper.prompting.conversation(query, frames.times))
            first = loaded.words(before).input_ids
            rest = loaded.words(after, add_special_tokens=False).input_ids
            said = _answer(loaded, network.embed(first, video, rest), self.paper.tokens)
            read = self.paper.parsers[0].windows(said)
            answers.append(([Moment(start, end) for start, end in read[:1] if start < end], said))
        return answers


def _filled(frames: Frames, wanted: int) -> Frames:
    """As many frames as are wanted: the last is shown again."""
    again = wanted - len(frames.times)
    return Frames(frames.times + frames.times[-1:] * again, frames.images + frames.images[-1:] * again, frames.fps)


def prompt(asked: Conversation) -> tuple[str, str]:
    """What stands before and after the tokens of the video: two turns of the user, of which the first is the video."""
    system = "".join(str(part) for turn in asked if turn.role == "system" for part in turn.parts)
    words = "".join(part for turn in asked if turn.role == "user" for part in turn.parts if isinstance(part, str))
    return f"{system}[INST] <Video>", f"</Video> [/INST] [INST] {words} [/INST]"


def about_clips(times: Sequence[float], clip_frames: int) -> list[str]:
    """What the Q-Former reads about each clip: the times of its frames.

    >>> about_clips([0.24, 1.0, 2.5, 3.0], 2)[1]
    'The 2-th video clip contains 2 frames sampled at 2.5, 3.0 seconds. '
    """
    told = [f"{time:.1f}" for time in times]
    clips = [told[i : i + clip_frames] for i in range(0, len(told), clip_frames)]
    return [
        f"The {number}-th video clip contains {clip_frames} frames sampled at {', '.join(clip)} seconds. "
        for number, clip in enumerate(clips, 1)
    ]


def _watched(loaded: Loaded, frames: Frames) -> Tensor:
    """The tokens (N, D) of a video for the language model."""
    network, sizes = loaded.network, loaded.network.sizes
    read = loaded.reads(
        about_clips(frames.times, sizes.clip_frames),
        padding="longest",
        truncation=True,
        max_length=sizes.text,
        return_tensors="pt",
    ).to(network.device)
    seen = pixels(frames.images, sizes.side)[None].to(network.device)
    return network.watch(seen, read.input_ids, read.attention_mask)[0]


def _answer(loaded: Loaded, asked: Tensor, tokens: int) -> str:
    present = torch.ones(1, len(asked), dtype=torch.long, device=asked.device)
    [ids] = loaded.network.language.generate(
        inputs_embeds=asked[None], attention_mask=present, max_new_tokens=tokens, do_sample=False
    )
    for beginning in (loaded.words.unk_token_id, loaded.words.bos_token_id):  # which it may write first
        ids = ids[1:] if len(ids) and ids[0] == beginning else ids
    said: str = loaded.words.decode(ids, clean_up_tokenization_spaces=False)
    return said.split(loaded.words.eos_token, maxsplit=1)[0]


def _mixed(device: torch.device) -> AbstractContextManager[Any]:
    """What sees runs in float16 on a GPU, its parameters in float32, as officially."""
    return nullcontext() if device.type == "cpu" else torch.autocast(device.type, torch.float16)
