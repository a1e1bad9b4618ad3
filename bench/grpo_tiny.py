"""A tiny vision-language model learns when: supervised warm start, then GRPO with Time-R1's recipe, on the CPU.

    python bench/grpo_tiny.py [--quick | --smoke] [--model qwen] [--figure docs/images/grpo_tiny.svg]
    python bench/grpo_tiny.py --large [--teach UPDATES] [--figure FILE]      # on a GPU, in some minutes

Videos of twelve seconds are rendered: two coloured shapes come and go over a noisy background. The query names one, the
moment is when it is to be seen. A model of a million random weights first learns to see from exact moments. The warm
start then imitates annotators who mark moments loosely, one to three seconds early and late; the reward of GRPO knows
the exact moment again. Prompt, rewards, group and loss are Time-R1's; the learning rate is that of a small model.
Beside the honest run stands one whose reward can be hacked: it pays for covering the moment, however long the window;
the watch must flag that one.

`--model qwen` is Qwen3-VL's architecture in place of LLaVA's: video tokens, M-RoPE, times before every pair of frames,
two frames a second, and a random vision tower that is frozen, as papers freeze theirs, so that it sees each video once.

`--large` is that architecture with a hundred million weights and videos of thirty seconds, in every quarter of which a
shape comes and goes: three that are not asked for stand beside the one that is.

The last line is JSON: held-out mean tIoU after the exact moments (`exact_tiou`), after the warm start (`sft_tiou`) and
after GRPO (`grpo_tiou`; both also as `…_miou`), with the picture blanked (`blind_tiou`), of the best constant answer
(`constant_tiou`), and whether the watch flagged the runs. Minutes are those of one processor core,
and so are answers and tokens a second of GRPO (`samples_per_second`, `tokens_per_second`); of a GPU they are those of
the clock. In the quick form the model of LLaVA's architecture does not read the query, and the watch flags its honest
run for that.
"""

from __future__ import annotations

import copy
import json
import logging
import tempfile
import time
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import torch
from _size import parser
from transformers import PrinterCallback, TrainerCallback

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import GRPO, SFT
from whenabouts.moment import tiou
from whenabouts.rewards.compose import Term
from whenabouts.rewards.parse import read
from whenabouts.rewards.target import Target
from whenabouts.training.post import grpo, sft
from whenabouts.training.post.answering import answers, blanked
from whenabouts.training.post.hacking import Figures, flags, inspect
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import data_set
from whenabouts.training.post.seeing.sight import Sight
from whenabouts.training.post.tiny.models import tiny_model
from whenabouts.video import Video

SEEING = 0.18  # tIoU beyond the best constant answer
COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (50, 80, 230), "yellow": (230, 220, 50)}
FRAMES: dict[str, Frames] = {}  # of every video
SHAPES = ("circle", "square", "cross")
ASKED = cast("GRPO", RECIPES["time-r1"])
WARM: SFT = replace(  # in the words of the recipe that goes on from it
    cast("SFT", RECIPES["sft"]),
    prompt=ASKED.prompt,
    clean_query=ASKED.clean_query,
    answer=ASKED.answer,
    span=ASKED.span,
    fps=1.0,
    question_first=ASKED.question_first,
    stamps=ASKED.stamps,
    stamp="{:.2f}",
    schedule="constant",
    learning_rate=1e-3,
    batch=32,
)
HONEST = replace(
    ASKED,
    fps=1.0,
    stamp="{:.2f}",
    learning_rate=3e-4,  # at a constant 5e-4 the policy fell apart after a hundred updates on one machine
    batch=64,
    tokens=12,
    beta=0.0,
)


def covering(completion: str, target: Target) -> float:
    """The hackable reward: the share of the moment that is covered. The whole video always earns 1."""
    windows = read(completion).windows
    if not windows:
        return 0.0
    (start, end), (true_start, true_end) = windows[0], target.windows[0]
    return max(0.0, min(end, true_end) - max(start, true_start)) / (true_end - true_start)


HACKABLE = replace(HONEST, schedule="constant", learning_rate=5e-4, terms=(Term("covering", covering), HONEST.terms[1]))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--model", choices=KINDS, default="llava", help="the architecture of the tiny model")
    arguments.add_argument("--large", action="store_true", help="a hundred million weights, on a GPU if there is one")
    arguments.add_argument("--teach", type=int, metavar="UPDATES", help="at most so many on exact moments")
    arguments.add_argument("--figure", type=Path, help="write the curve of the honest run as SVG")
    options = arguments.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)  # sums in one order: how soon it learns hangs on rounding errors
    with tempfile.TemporaryDirectory() as folder:
        size = LARGE if options.large else options.size.pick(FULL, QUICK, SMOKE)
        size = replace(size, exact=options.teach or size.exact)
        figures, curve = study(KINDS["qwen" if options.large else options.model], size, Path(folder))
    if options.figure:
        options.figure.write_text(draw(curve), "utf-8")
    print(json.dumps(figures))


@dataclass(frozen=True)
class Study:
    """How large: videos of so many seconds, updates of the warm start, of GRPO and of the hackable reward.

    shapes: that come and go in a video, a quarter of the picture each
    pace:   what the learning rates of the small models are multiplied with
    """

    videos: int
    held_out: int
    seconds: int
    hidden: int
    exact: int  # at most, on exact moments
    warm: int
    steps: int
    hacked: int
    batch: int = 64  # answers per update of GRPO
    layers: int = 4
    shapes: int = 2
    pace: float = 1.0


@dataclass(frozen=True)
class Kind:
    """A tiny model, and how large the quarters of a picture are that shapes come and go in.

    cell:   pixels of a side, as they are drawn
    grown:  how many pixels of the video each becomes
    rate:   frames of a second, so that one second is one step of time
    frozen: its random vision tower is not trained, as those of the papers are not
    taught: learning rate of the exact moments
    """

    name: str
    cell: int
    grown: int
    rate: int
    frozen: bool
    taught: float

    def made(self, size: Study) -> tuple[Any, Any]:
        """The model, and what prepares text and frames for it."""
        words = vocabulary(size.seconds)
        if not self.frozen:
            return tiny_model(words, kind=self.name, hidden=size.hidden, layers=size.layers)
        stamps = [f"<{second + 0.25:.1f} seconds>" for second in range(size.seconds)]  # as Qwen3-VL reads them
        words += [*stamps, "user", "assistant"]
        model, processor = tiny_model(words, kind=self.name, hidden=size.hidden, layers=size.layers)
        model.base_model.visual.requires_grad_(False)
        return model, Sight(model, processor)


KINDS = {
    "llava": Kind("llava", 12, 1, 1, frozen=False, taught=1e-3),
    "qwen": Kind("qwen3_vl", 16, 2, 2, frozen=True, taught=2e-3),
}
FULL = Study(videos=2000, held_out=100, seconds=12, hidden=128, exact=1500, warm=150, steps=200, hacked=40)
QUICK = Study(videos=1000, held_out=60, seconds=6, hidden=64, exact=500, warm=60, steps=80, hacked=40)
SMOKE = Study(videos=8, held_out=1, seconds=6, hidden=32, exact=1, warm=1, steps=1, hacked=1, batch=8)
LARGE = Study(videos=1500, held_out=50, seconds=30, hidden=1024, exact=1500, warm=60, steps=100, hacked=20, batch=128,
              layers=8, shapes=4, pace=0.15)  # fmt: skip


def study(kind: Kind, size: Study, folder: Path) -> tuple[dict[str, Any], Any]:
    began = clock()
    steps, fifth = size.steps, max(1, size.steps // 5)
    samples = film([(folder / f"train-{n}.mkv", n) for n in range(size.videos)], size, kind)
    test = film([(folder / f"test-{n}.mkv", 10**6 + n) for n in range(size.held_out)], size, kind)
    warm, honest, hackable = (at_pace(recipe, size.pace) for recipe in (WARM, HONEST, HACKABLE))
    model, processor = kind.made(size)
    taught = replace(warm, steps=size.exact, learning_rate=size.pace * kind.taught)
    updates = teach(taught, model, processor, samples, folder)
    exact = inspect(ask(model, processor, test), [one.target for one in test])
    print(f"exact moments: tIoU {exact.tiou:.3f} after {updates} updates", flush=True)
    fit(sft, replace(warm, steps=size.warm), model, processor, [loosely(one) for one in samples], folder)
    start = copy.deepcopy(model.state_dict())
    before = watch(model, processor, test)
    print(f"warm start: tIoU {before.tiou:.3f}", flush=True)
    curve = fit(grpo, replace(honest, steps=steps, batch=size.batch), model, processor, samples, folder, test)
    after = watch(model, processor, test)
    curve["tiou"] = [(0, before.tiou), *(spot for spot in curve["tiou"] if spot[0] < steps), (steps, after.tiou)]
    model.load_state_dict(start)
    fit(grpo, replace(hackable, steps=size.hacked, batch=size.batch), model, processor, samples, folder)
    cheat = watch(model, processor, test)
    for name, found in (("honest", after), ("hackable", cheat)):
        print(f"{name} reward: {found}", *flags(found), sep="\n  ", flush=True)
    return {
        "exact_tiou": round(exact.tiou, 4),
        "exact_updates": updates,
        **{name: round(before.tiou, 4) for name in ("sft_tiou", "sft_miou")},
        **{name: round(after.tiou, 4) for name in ("grpo_tiou", "grpo_miou")},
        "gain": round(after.tiou - before.tiou, 4),
        "blind_tiou": round(after.blank_tiou or 0.0, 4),
        "constant_tiou": round(constant(samples, test), 4),
        "reward_first": round(float(np.mean(curve["reward"][:fifth])), 4),
        "reward_last": round(float(np.mean(curve["reward"][-fifth:])), 4),
        "honest_flagged": int(bool(flags(after))),
        "hacked_flagged": int(bool(flags(cheat))),
        "steps": steps,
        "samples_per_second": round(size.batch * steps / sum(curve["seconds"]), 2),
        "tokens_per_second": round(curve["tokens"][-1] / sum(curve["seconds"]), 1),
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "minutes": round((clock() - began) / 60, 2),
    }, curve


def teach(recipe: SFT, model: Any, processor: Any, samples: list[Sample], folder: Path) -> int:
    """Supervised updates on exact moments, until the model sees: how soon it does hangs on rounding errors.

    It sees when its answers about videos that are kept apart beat the best constant answer by SEEING: those that it
    learns from it may know by heart. Returns how many updates it took.
    """
    apart = 2 * max(1, min(100, len(samples) // 20))  # two samples of each video
    shown, samples = samples[:apart], samples[apart:]
    enough = constant(samples, shown) + SEEING
    every = min(50, recipe.steps or 50)
    curve = fit(sft, recipe, model, processor, samples, folder, shown, every=every, enough=enough)
    return int(curve["tiou"][-1][0])


def at_pace(recipe: Any, pace: float) -> Any:
    return replace(recipe, learning_rate=pace * recipe.learning_rate)


def clock() -> float:
    """Seconds of this processor core, or of the clock where a GPU works."""
    return time.perf_counter() if torch.cuda.is_available() else time.process_time()


def constant(samples: list[Sample], test: list[Sample]) -> float:
    """Held-out tIoU of the one window that fits the training videos best, given to every question."""
    whole = int(samples[0].duration)
    every = [(start, end) for start in range(whole) for end in range(start + 1, whole + 1)]
    windows, held = (np.array([one.windows[0] for one in part]) for part in (samples, test))
    best = every[int(tiou(every, windows).mean(axis=1).argmax())]
    return float(tiou([best], held).mean())


def vocabulary(seconds: int) -> list[str]:
    times = [f"{second:.2f}" for second in range(seconds + 1)]
    return [*HONEST.prompt.split("{}"), *times, *COLOURS, *SHAPES, " "]


def film(videos: list[tuple[Path, int]], size: Study, kind: Kind) -> list[Sample]:
    """The samples about videos, of paths and seeds, whose frames stay in memory, for they are small."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        made = list(pool.map(partial(_filmed, size=size, kind=kind), videos, chunksize=8))
    FRAMES.update({samples[0].video: shown for samples, shown in made})
    return [one for samples, _ in made for one in samples]


def _filmed(video: tuple[Path, int], size: Study, kind: Kind) -> tuple[list[Sample], Frames]:
    samples = render(*video, size, kind)
    with Video(video[0]) as opened:
        rate = float(opened.probe.average_rate or 1)
        shown = list(opened.sample(rate))
    return samples, Frames(tuple(one.time for one in shown), tuple(one.image for one in shown), rate)


def render(path: Path, seed: int, size: Study, kind: Kind) -> list[Sample]:
    """A video, one frame a second, and a sample about each of its shapes."""
    rng, cell, seconds, count = np.random.default_rng(seed), kind.cell, size.seconds, size.shapes
    noise = rng.normal(rng.integers(40, 90, 3), 8, (seconds, 2 * cell, 2 * cell, 3))
    frames = np.clip(noise, 0, 255).astype(np.uint8)
    names = [f"{colour} {shape}" for colour in COLOURS for shape in SHAPES]
    found = []
    for name, corner in zip(rng.choice(names, count, replace=False).tolist(), rng.permutation(4)[:count], strict=True):
        length = int(rng.integers(seconds // 6, seconds * 2 // 3 + 1))
        start = int(rng.integers(0, seconds - length + 1))
        colour, shape = name.split()
        for frame in frames[start : start + length]:
            row, column = divmod(int(corner), 2)
            y, x = (at * cell + cell // 2 + rng.integers(-1, 2) for at in (row, column))
            frame[outline(shape, int(y), int(x), 2 * cell)] = COLOURS[colour]
        windows = ((float(start), float(start + length)),)
        found.append(Sample(f"{path.stem} {name}", str(path), name, windows, float(seconds)))
    with av.open(str(path), "w") as file:
        stream = file.add_stream(
            "ffv1", rate=kind.rate, width=2 * cell * kind.grown, height=2 * cell * kind.grown, pix_fmt="bgr0"
        )
        for frame in frames.repeat(kind.rate, 0).repeat(kind.grown, 1).repeat(kind.grown, 2):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode())
    return found


def loosely(sample: Sample) -> Sample:
    """The moment as a hasty annotator marks it: in videos of 12 s one to three seconds early and as much late."""
    most = int(sample.duration) // 4
    early, late = np.random.default_rng(zlib.crc32(sample.sample.encode())).integers(1, most + 1, 2)
    ((start, end),) = sample.windows
    return replace(sample, windows=((max(0.0, start - early), min(sample.duration, end + late)),))


def outline(shape: str, y: int, x: int, side: int) -> np.ndarray:
    dy, dx = np.mgrid[-y : side - y, -x : side - x]
    if shape == "circle":
        return dy**2 + dx**2 <= 18
    if shape == "square":
        return np.maximum(abs(dy), abs(dx)) <= 4
    return (np.minimum(abs(dy), abs(dx)) <= 1) & (np.maximum(abs(dy), abs(dx)) <= 4)


def show(sample: Sample) -> Clip:
    return Clip.of_frames(sample.video, FRAMES[sample.video])


def fit(
    how: Any,
    recipe: Any,
    model: Any,
    processor: Any,
    samples: Any,
    folder: Path,
    test: Any = None,
    *,
    every: int = 25,
    enough: float = 1.0,
) -> dict:
    """Train the model in place; returns the reward of every step, and tIoU on `test` every so many steps.

    It stops early when that is more than `enough`.
    """
    curve: dict[str, list] = {"reward": [], "tiou": [], "seconds": [], "tokens": []}

    class Record(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.began = clock()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if "reward" in logs:
                curve["reward"].append(logs["reward"])
                curve["tokens"].append(float(logs["num_tokens"]))

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            curve["seconds"].append(clock() - self.began)
            if test and state.global_step % every == 0:
                found = inspect(ask(model, processor, test), [one.target for one in test]).tiou
                curve["tiou"].append((state.global_step, found))
                print(f"update {state.global_step}: tIoU {found:.3f}, {sum(curve['seconds']):.0f} s", flush=True)
                control.should_training_stop = control.should_training_stop or found > enough

    small = not torch.cuda.is_available()
    quiet = {"use_cpu": small, "bf16": not small, "save_strategy": "no", "disable_tqdm": True, "seed": 0}
    quiet |= {"gradient_checkpointing": False, "warmup_steps": 20}
    quiet |= {"lr_scheduler_type": "constant_with_warmup"} if recipe.schedule == "constant" else {}
    args = how.arguments(recipe, folder / "run", **quiet)
    job = how.trainer(
        recipe,
        model,
        processor,
        data_set(samples, recipe, show, video=isinstance(processor, Sight)),
        args,
        callbacks=[Record()],
    )
    job.remove_callback(PrinterCallback)
    job.train()
    return curve


def ask(model: Any, processor: Any, samples: Any, shown: Any = show) -> list[str]:
    return answers(model, processor, samples, HONEST, shown, tokens=12, batch=100)


def watch(model: Any, processor: Any, test: list[Sample]) -> Figures:
    targets = [one.target for one in test]
    swapped = [test[i ^ 1] for i in range(len(test))]  # the other shape of the same video
    return inspect(
        ask(model, processor, test),
        targets,
        shuffled=ask(model, processor, [replace(a, query=b.query) for a, b in zip(test, swapped, strict=True)]),
        blank=ask(model, processor, test, blanked(show)),
    )


def draw(curve: dict[str, list]) -> str:
    """The reward of every update (running mean of 10) and held-out tIoU, as SVG in the colours of light and dark."""
    width, height, left, right, top, bottom = 720, 320, 46, 150, 20, 40
    steps = len(curve["reward"])
    most = 2.0  # tIoU-like reward and format, each at most 1

    def points(pairs: Any, scale: float) -> str:
        spots = (
            (left + (width - left - right) * step / steps, top + (height - top - bottom) * (1 - value / scale))
            for step, value in pairs
        )
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)

    smooth = np.convolve(curve["reward"], np.ones(10) / 10, "valid")
    reward = points(enumerate(smooth, 10), most)
    held_out = points(curve["tiou"], 1.0)
    grid = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = top + (height - top - bottom) * (1 - share)
        grid.append(f'<line x1="{left}" x2="{width - right}" y1="{y}" y2="{y}" class="g"/>')
        grid.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{share:g}</text>')
        grid.append(f'<text x="{width - right + 8}" y="{y + 4}">{share * most:g}</text>')
    for step in range(0, steps + 1, max(1, steps // 6)):
        x = left + (width - left - right) * step / steps
        grid.append(f'<text x="{x:.1f}" y="{height - bottom + 18}" text-anchor="middle">{step}</text>')
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>Held-out tIoU and reward over {steps} updates of GRPO</title>
<style>
text {{ font: 12px system-ui, sans-serif; fill: #555 }} .g {{ stroke: #8884; stroke-width: 1 }}
polyline {{ fill: none; stroke-width: 2 }} .t {{ stroke: #c2410c }} .r {{ stroke: #2563eb; opacity: .7 }}
.tt {{ fill: #c2410c }} .rr {{ fill: #2563eb }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #aaa }} .tt {{ fill: #fb923c }} .rr {{ fill: #60a5fa }}
.t {{ stroke: #fb923c }} .r {{ stroke: #60a5fa }} }}
</style>
{"".join(grid)}
<polyline class="r" points="{reward}"/>
<polyline class="t" points="{held_out}"/>
<text class="tt" x="{width - right + 46}" y="{top + 14}">held-out tIoU</text>
<text class="tt" x="{width - right + 46}" y="{top + 30}">(left axis)</text>
<text class="rr" x="{width - right + 46}" y="{top + 60}">reward</text>
<text class="rr" x="{width - right + 46}" y="{top + 76}">(right axis)</text>
<text x="{(left + width - right) / 2}" y="{height - 6}" text-anchor="middle">updates</text>
</svg>
"""


if __name__ == "__main__":
    main()
