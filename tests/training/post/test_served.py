"""Answers from a vLLM server: what is asked for, what is refused, and an update from what a scripted server says.

The server is ours, over real HTTP, with TRL's own client; vLLM itself is not here, so weights are never sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tiny_rl import GRPO_TINY, QUIET

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.training.post import grpo, rollouts
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import data_set
from whenabouts.training.post.seeing.sight import Sight
from whenabouts.training.post.tiny.models import tiny_model

RNG = np.random.default_rng(0)
FRAMES = Frames((0.0, 0.5, 1.0, 1.5), tuple(RNG.integers(0, 255, (64, 64, 3), np.uint8) for _ in range(4)), 2.0)
CLIP = Clip.of_frames((__file__, "video"), FRAMES)  # no other test may show it
SAMPLE = Sample("q0", "video.mkv", "a light goes on", ((0.5, 1.5),), 2.0)
RECIPE = replace(GRPO_TINY, frames=4, batch=4, group=4, steps=1)
SAMPLING = {"max_tokens": 8, "temperature": 0.7, "top_p": 0.9, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0}


class Scripted:
    """A server that keeps what it was asked and gives `answers`, texts, after the prompt that it is told to read."""

    def __init__(self, sight: Sight) -> None:
        self.sight, self.asked, self.answers = sight, [], ["<answer>0.50 to 1.50</answer>", "no", "never", "?"]
        self.prompt: list[int] = []
        self.logprobs = True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send({"data": [{"id": "folder"}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, body))
                self._send(server.reply(body))

            def _send(self, answer: Any) -> None:
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        choices = []
        for text in (self.answers * 4)[: body["n"]]:
            ids = [
                *self.sight.tokenizer(text, add_special_tokens=False)["input_ids"],
                self.sight.tokenizer.eos_token_id,
            ]
            content = [{"token": f"token_id:{each}", "logprob": -0.5, "top_logprobs": []} for each in ids]
            choices.append({"token_ids": ids, "logprobs": {"content": content} if self.logprobs else None})
        return {"prompt_token_ids": self.prompt, "choices": choices}


@pytest.fixture(params=["qwen2_5_vl", "qwen3_vl"])
def sight(request: pytest.FixtureRequest) -> Sight:
    return Sight(*tiny_model(kind=request.param, hidden=64, layers=2))


@pytest.fixture
def server(sight: Sight) -> Iterator[Scripted]:
    made = Scripted(sight)
    made.prompt = sight.plain(sight.ids(SAMPLE, RECIPE, CLIP))
    yield made
    made.http.shutdown()


@pytest.fixture
def client(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> Any:
    """TRL's client, which only wants to know that vLLM is installed."""
    trl = pytest.importorskip("trl.generation.vllm_client")
    monkeypatch.setattr(trl, "is_vllm_available", lambda *_, **__: True)
    return trl.VLLMClient(f"http://127.0.0.1:{server.http.server_port}")


def test_video_and_settings_are_in_the_request(sight: Sight, server: Scripted, client: Any) -> None:
    from base64 import b64decode
    from io import BytesIO

    from PIL import Image

    prompt = rollouts.prompt_of(sight, RECIPE, SAMPLE, CLIP, sight.ids(SAMPLE, RECIPE, CLIP))
    told = rollouts.draw(client, [prompt], n=3, generation_kwargs={"seed": 7, "stop": ["</answer>"]}, **SAMPLING)
    [(path, body)] = server.asked
    assert path == "/v1/chat/completions"
    asked = {"n": 3, "seed": 7, "stop": ["</answer>"], "model": "folder", "logprobs": True, "return_token_ids": True}
    assert {name: body[name] for name in (*SAMPLING, *asked)} == SAMPLING | asked
    [message] = body["messages"]
    [video] = [part for part in message["content"] if part["type"] == "video_url"]
    kind, _, data = video["video_url"]["url"].partition(";base64,")
    shown = [np.asarray(Image.open(BytesIO(b64decode(each)))) for each in data.split(",")]
    assert kind == "data:video/jpeg" and all(map(np.array_equal, shown, FRAMES.images))  # to the pixel
    assert body["media_io_kwargs"]["video"]["frames_indices"] == [0, 1, 2, 3]
    assert body["media_io_kwargs"]["video"]["fps"] == body["mm_processor_kwargs"]["fps"] == 2.0
    words = "".join(part["text"] for part in message["content"] if part["type"] == "text")
    assert words == RECIPE.question(SAMPLE.query)  # times are the server's to write, and are in the tokens
    assert told["prompt_ids"] == [server.prompt] and len(told["completion_ids"]) == 3
    assert sight.tokenizer.decode(told["completion_ids"][0][:-1]) == server.answers[0]
    assert [len(each) for each in told["logprobs"]] == [len(each) for each in told["completion_ids"]]


def test_what_the_server_reads_otherwise_is_refused(sight: Sight, server: Scripted, client: Any) -> None:
    prompt = rollouts.prompt_of(sight, RECIPE, SAMPLE, CLIP, sight.ids(SAMPLE, RECIPE, CLIP))
    server.prompt = [*server.prompt[:5], *server.prompt[6:]]
    count = len(prompt.tokens)
    read = f"the server read {count - 1} tokens where the loss reads {count}, unlike from token 5"
    with pytest.raises(ModelError, match=read):
        rollouts.draw(client, [prompt], n=1, **SAMPLING)
    server.prompt, server.logprobs = list(prompt.tokens), False
    with pytest.raises(ModelError, match="the server gives no log-probabilities"):
        rollouts.draw(client, [prompt], n=1, **SAMPLING)
    late = Clip.of_frames((__file__, "late"), replace(FRAMES, times=(0.0, 0.1, 1.0, 9.0)))
    with pytest.raises(ModelError, match="q0: frames that are not evenly spaced"):
        rollouts.prompt_of(sight, RECIPE, SAMPLE, late, sight.ids(SAMPLE, RECIPE, late))


def test_an_update_learns_from_what_the_server_said(
    sight: Sight, server: Scripted, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl.generation.vllm_generation import VLLMGeneration

    rows = data_set([SAMPLE] * 4, RECIPE, lambda _: CLIP, video=True)
    job = grpo.trainer(RECIPE, sight.network, sight, rows, grpo.arguments(RECIPE, tmp_path, **QUIET))
    drawn = VLLMGeneration.__new__(VLLMGeneration)  # without its exchange of weights, which wants GPUs
    vars(drawn).update(
        SAMPLING, max_completion_length=8, mode="server", logprobs=0, generation_kwargs={}, vllm_client=client
    )
    vars(drawn).update(accelerator=job.accelerator, structured_outputs_regex=None, enable_sleep_mode=False)
    job.use_vllm, job.vllm_generation, job._last_loaded_step = True, drawn, 0
    monkeypatch.setattr(job, "log", lambda logs, *_: lines.append(dict(logs)))
    lines: list[dict[str, Any]] = []
    rollouts.served(job)
    job.train()
    [(_, body)] = server.asked  # one request for the group
    assert (body["n"], body["max_tokens"], body["temperature"]) == (4, 8, 0.7)
    norms = [line["grad_norm"] for line in lines if "grad_norm" in line]
    assert len(norms) == 1 and norms[0] > 0


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vLLM is installed")
def test_without_vllm_one_sentence_says_so() -> None:
    with pytest.raises(ModelError, match="need the package vllm here too"):
        rollouts.settings("http://127.0.0.1:8000")
    job = SimpleNamespace(vllm_generation=SimpleNamespace())
    rollouts.served(job)  # a process that has no client
