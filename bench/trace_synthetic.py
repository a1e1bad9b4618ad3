"""TRACE's parts learn when a colour is seen: slots of frames, characters of times, and heads that take turns.

    python bench/trace_synthetic.py [--quick | --smoke]

A network of random weights with all of TRACE's parts sees eight pictures, one a second, in which two of three colours
come and go, and is asked for one of them. It is trained on answers in TRACE's own vocabularies with TRACE's loss, and
answers videos that it has not seen through the same prompt, decoding and reading as `find --model trace:FOLDER`. Beside
it stands the one window that is right most often in training. The last line is JSON, in percent and points: `r1_05`,
`blind_r1_05`, `gain_over_blind`, and `failed`, the share of answers without exactly two times.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import torch
from _size import parser
from numpy.typing import NDArray
from transformers import CLIPVisionConfig, CLIPVisionModel, MistralConfig, MistralForCausalLM

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers.trace import TRACE
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.systems.trace.asking import answers, beginning, question
from whenabouts.grounders.llm.systems.trace.events import Event, encode_event
from whenabouts.grounders.llm.systems.trace.loading import Loaded
from whenabouts.grounders.llm.systems.trace.network import TraceNetwork, trace_loss
from whenabouts.moment import tiou

SECONDS, SIDE, BATCH = 8, 28, 32
COLOURS = {"red": (230, 40, 40), "green": (40, 230, 40), "blue": (60, 60, 240)}
PAPER = replace(TRACE, prompting=Prompting(question="{}"), tokens=32)
PER_FRAME = 8 + 6  # slots, and characters of a time
START, STOP = 1, 2


class Words:
    """A tokenizer of whole words: colours are known, and all else is one sign."""

    known = ("", *COLOURS)

    def encode(self, text: str) -> list[int]:
        """Ids of the words of a text."""
        return [3 + self.known.index(word) if word in COLOURS else 3 for word in text.split()]

    def decode(self, ids: list[int]) -> str:
        """The words behind ids."""
        return " ".join(self.known[place - 3] for place in ids if 3 <= place < 3 + len(self.known))


@dataclass(frozen=True)
class Sample:
    """What is shown, what is asked, and when it happens, in seconds."""

    frames: Frames
    query: str
    window: tuple[int, int]


def drawn(rng: np.random.Generator) -> Sample:
    """Two colours, each in its half of the picture, at times of their own."""
    images = rng.integers(0, 40, (SECONDS, SIDE, SIDE, 3)).astype(np.uint8)
    windows: dict[str, tuple[int, int]] = {}
    for place, colour in enumerate(rng.permutation(list(COLOURS))[:2]):
        length = rng.integers(1, 4)
        start = rng.integers(0, SECONDS + 1 - length)
        end = start + length
        images[start:end, 4:24, 14 * place + 2 : 14 * place + 12] = COLOURS[colour]
        windows[colour] = (int(start), int(end))
    query = str(rng.choice(list(windows)))
    return Sample(Frames(tuple(map(float, range(SECONDS))), tuple(images), 1.0), query, windows[query])


def made() -> Loaded:
    """A network of some hundred thousand weights."""
    torch.manual_seed(0)
    language = MistralForCausalLM(
        MistralConfig(
            vocab_size=16,
            hidden_size=64,
            intermediate_size=192,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            sliding_window=None,
        )
    )
    clip = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=SIDE,
            patch_size=7,
        )
    )
    return Loaded(TraceNetwork(language, clip), Words(), SIDE, True, START, STOP)


def loss_of(loaded: Loaded, samples: list[Sample]) -> torch.Tensor:
    """TRACE's loss of a batch, whose prompts are all equally long."""
    network = loaded.network
    times = [time for one in samples for time in one.frames.times]
    images = [image for one in samples for image in one.frames.images]
    together = beginning(loaded, Frames(tuple(times), tuple(images), 1.0), PAPER)
    first = len(together) - len(times) * PER_FRAME
    rows, labels = [], []
    for one, seen in zip(samples, together[first:].chunk(len(samples)), strict=True):
        prompt = torch.cat([together[:first], seen, question(loaded, PAPER, one.query)])
        said = loaded.tokens.encode(one.query)
        answer = torch.tensor([*encode_event(one.window, [1.0], vocabulary=network.vocabulary), *said, STOP])
        rows.append(torch.cat([prompt, network.embed(answer)]))
        labels.append(torch.cat([torch.full((len(prompt),), -100), answer]))
    hidden = network.model(inputs_embeds=torch.stack(rows)).last_hidden_state
    return trace_loss(network.logits(hidden), torch.stack(labels), network.ranges())


def first_span(events: list[Event]) -> tuple[float, float] | None:
    """Of the first event with exactly two times, as the authors read an answer."""
    return next((event.span for event in events if event.span is not None), None)


def best_constant(windows: NDArray[np.float64], held: NDArray[np.float64]) -> float:
    """R1@0.5 of the window that is right most often in training."""
    every = list(combinations(range(SECONDS + 1), 2))
    best = every[int((tiou(every, windows) >= 0.5).mean(axis=1).argmax())]
    return float((tiou([best], held) >= 0.5).mean())


def study(steps: int, held_out: int) -> dict[str, float]:
    began = time.process_time()
    loaded, rng = made(), np.random.default_rng(0)
    adam = torch.optim.AdamW(loaded.network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 2e-3, total_steps=steps + 1)
    seen = []
    for _ in range(steps):
        batch = [drawn(rng) for _ in range(BATCH)]
        seen += [one.window for one in batch]
        adam.zero_grad()
        loss_of(loaded, batch).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(loaded.network.parameters(), 1.0)
        adam.step()
        schedule.step()
    test = [drawn(np.random.default_rng(10**6 + n)) for n in range(held_out)]
    spans = []
    for one in test:
        [events] = answers(loaded, one.frames, PAPER, [one.query])
        spans.append(next((event.span for event in events if event.span is not None), None))
    found = np.mean(
        [s is not None and tiou([s], [one.window])[0, 0] >= 0.5 for s, one in zip(spans, test, strict=True)]
    )
    blind = best_constant(np.array(seen, float), np.array([one.window for one in test], float))
    return {
        "r1_05": round(100 * float(found), 2),
        "blind_r1_05": round(100 * blind, 2),
        "gain_over_blind": round(100 * (float(found) - blind), 2),
        "failed": round(float(np.mean([span is None for span in spans])), 3),
        "minutes": round((time.process_time() - began) / 60, 2),
    }


def main() -> None:
    size = parser(__doc__).parse_args().size
    print(json.dumps(study(*size.pick((1500, 300), (600, 100), (2, 4)))))


if __name__ == "__main__":
    main()
