"""Answers drawn by a vLLM server while a model is trained: video goes to it as it is shown in the loss.

TRL 1.16 starts the exchange (`vllm serve`, and the weights after every update over NCCL) and can send images alone. A
video goes as its frames, without loss, with their rate and numbers, in a chat request; the server renders the prompt
itself. So it is asked for the tokens that it read, and these must be those of the loss: another chat template, another
size of frames or other times are refused before anything is learnt from them. What tokens cannot show is how the server
places Qwen2.5-VL's video in time; it is given the rate of the frames for that.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.openai.messages import Messages
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.sight import Sight

__all__ = ["Prompt", "draw", "prompt_of", "served", "settings"]

AT_ONCE = 64  # requests on their way


@dataclass(frozen=True)
class Prompt:
    """What a server is asked: messages and settings of the protocol, and the tokens that it must read."""

    body: dict[str, Any]
    tokens: tuple[int, ...]


def settings(url: str) -> dict[str, Any]:
    """TRL's settings for answers from a server. Raises ModelError where vLLM is not installed."""
    if find_spec("vllm") is None:
        raise ModelError(
            "answers from a vLLM server need the package vllm here too, for the weights that go to it after every"
            " update: pip install vllm, on Linux with a GPU"
        )
    return {"use_vllm": True, "vllm_mode": "server", "vllm_server_base_url": url}


def served(job: Any) -> None:
    """Have the client of a trainer of TRL take prompts of this module instead of tokens."""
    client = getattr(job.vllm_generation, "vllm_client", None)  # in the main process alone
    if client is not None:
        client.generate = lambda prompts, features=None, **how: draw(client, prompts, **how)


def prompt_of(sight: Sight, recipe: Recipe, sample: Sample, clip: Clip, tokens: Sequence[int]) -> Prompt:
    """The request about a sample whose prompt is `tokens` in the loss. Raises ModelError."""
    frames = clip.frames()
    messages, why = Lossless(frames).of(sight.question(sample, recipe, clip), video=True, refused=False)
    if why:
        raise ModelError(f"{sample.sample}: {why}; a server cannot be shown it as the loss is")
    shown = {"fps": frames.fps, "num_frames": -1, "frames_indices": list(range(len(frames.images)))}
    body = {
        "messages": messages,
        "media_io_kwargs": {"video": shown | {"do_sample_frames": False}},
        "mm_processor_kwargs": {"do_resize": False, "do_sample_frames": False, "fps": frames.fps},
    }
    return Prompt(body, tuple(sight.plain(tokens)))


def draw(client: Any, prompts: Sequence[Prompt], n: int = 1, **sampling: Any) -> dict[str, Any]:
    """`n` answers to each prompt, one request a prompt: their tokens and log-probabilities, as TRL's client has them.

    sampling: what TRL asks for: max_tokens, temperature, top_p, top_k, min_p, repetition_penalty, logprobs

    Raises ModelError where the server read other tokens, or gave no log-probabilities.
    """
    more = sampling.pop("generation_kwargs", None) or {}
    sampling.pop("structured_outputs_regex", None)
    sampling |= {"logprobs": True, "top_logprobs": 0, "n": n, "model": client.model}
    sampling |= {"return_token_ids": True, "return_tokens_as_token_ids": True, **more}

    def ask(prompt: Prompt) -> Any:
        return client._post(f"{client.base_url}/v1/chat/completions", json={**prompt.body, **sampling})

    with ThreadPoolExecutor(min(AT_ONCE, len(prompts))) as pool:
        told = list(pool.map(ask, prompts))
    for prompt, answer in zip(prompts, told, strict=True):
        _check(prompt.tokens, answer.get("prompt_token_ids") or ())
    choices = [choice for answer in told for choice in answer["choices"]]
    if any(choice.get("logprobs") is None for choice in choices):
        raise ModelError("the server gives no log-probabilities; start it with --logprobs-mode processed_logprobs")
    return {
        "prompt_ids": [list(prompt.tokens) for prompt in prompts],
        "completion_ids": [choice["token_ids"] for choice in choices],
        "logprobs": [[[token["logprob"]] for token in choice["logprobs"]["content"]] for choice in choices],
    }


def _check(ours: Sequence[int], theirs: Sequence[int]) -> None:
    if tuple(theirs) == tuple(ours):
        return
    apart = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    raise ModelError(
        f"the server read {len(theirs)} tokens where the loss reads {len(ours)}, unlike from token {apart} on; serve"
        " the folder that is trained, with a vLLM that takes frames as video/jpeg with media_io_kwargs"
    )


class Lossless(Messages):
    """Messages whose frames are PNG, one after another where they are a video, which vLLM takes as video/jpeg."""

    def __init__(self, frames: Frames) -> None:
        super().__init__(frames, 100)

    def _video(self, run: tuple[int, ...]) -> dict[str, Any]:
        if run not in self._videos:
            url = "data:video/jpeg;base64," + ",".join(_png(self._frames.images[i]) for i in run)
            self._videos[run] = {"type": "video_url", "video_url": {"url": url}}
        return self._videos[run]

    def _image(self, i: int) -> dict[str, Any]:
        if i not in self._images:
            url = f"data:image/png;base64,{_png(self._frames.images[i])}"
            self._images[i] = {"type": "image_url", "image_url": {"url": url}}
        return self._images[i]


def _png(image: Any) -> str:
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(image).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()
