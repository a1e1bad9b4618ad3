"""One GPU in six minutes: encoders, heads, queries of a video-LLM, GRPO, each beside its limit, rival or estimate.

    python bench/gpu.py [--official DIR] [--out FILE] [--device cuda] [--sections NAME…] [--profile]
    python bench/gpu.py --small            # the same code on tiny models, on a CPU too; figures mean nothing
                                           # (of the heads only the first)

Nothing is fetched: weights are random, of the published sizes. Each section runs in a process of its own with a limit
of time, of a small run only the heads; one that fails leaves its error in the report, and the others go on. DIR holds
checkouts of official code, as `bench/_official.py` names them. The last line is JSON, which `--out` also writes after
every section; where one failed, or official code did, its `error` or `official_error` says how, and the exit status
is 1:

    machine  GPU, its memory and driver, versions of torch, transformers and TRL
    encoder  frames/s of CLIP ViT-B/32 from frames in memory, ours and the bare network in bfloat16 at its best batch
             (the limit), their ratio, and how far vectors are from those of float32
    heads    milliseconds at batch 32 (8 for 2D-TAN) in float32 and bfloat16, beside the official code in float32 with
             its own optimiser, both named; ratios are of float32, above 1 ours is faster: `forward`; `step` of
             training, for which both have their batch ready; `train`, a step with all that makes its batch out of
             examples, one ahead, as `whenabouts train` does
    queries  1, 4 and 16 queries about 64 frames asked together of a Qwen2.5-VL of 7B, 64 tokens each: `seconds`, the
             median of two, after the `first_seconds` of that number; `read_seconds` up to the first token, `token_ms`
             for every further one of all answers; `ratio_16`, how much cheaper 16 are than one by one; with
             `--profile`, the operations of 16 that take most time
    grpo     seconds of an update of Time-R1's recipe on a Qwen2.5-VL of 3B (32 frames of 252 × 336, 8 answers of 64
             tokens, LoRA) beside the estimate of `training.post.planning.cost` for this GPU, null where that knows no
             data sheet of it, and peak memory
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
from _size import Size, parser

HEADS = ("qd-detr qvhighlights", "moment-detr qvhighlights", "cg-detr qvhighlights", "univtg qvhighlights",
         "2d-tan charades-sta")  # fmt: skip
LIMITS = {"encoder": 60, "heads": 20, "queries": 75, "grpo": 130}  # seconds; of heads, for each of them
PROFILE = 60  # seconds more, for a table of operations
PATIENCE = 10  # times as long for `--small`, which a busy CPU may run
FRAME = 252, 336  # height and width of frames in GRPO

Figures = dict[str, Any]


def main() -> None:
    """Run the sections and print their figures."""
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--small", dest="size", action="store_const", const=Size.SMOKE, help="as --quick and --smoke"
    )
    arguments.add_argument("--official", metavar="DIR", type=Path, help="checkouts of official code")
    arguments.add_argument("--out", metavar="FILE", type=Path, help="also write the report here, as far as it is")
    arguments.add_argument("--device", help="cuda or cpu; by default a GPU if there is one")
    arguments.add_argument("--sections", nargs="+", choices=LIMITS, default=list(LIMITS), metavar="NAME")
    arguments.add_argument("--profile", action="store_true", help="of 16 queries, the operations that take most time")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    small = options.size is not Size.FULL
    device = options.device or ("cpu" if small else None)
    if options.one:
        print(json.dumps(_figures(options.one, small, device, options)))
        return
    report: Figures = {"machine": machine(), "small": small}
    if not small and device is None and "gpu" not in report["machine"]:
        arguments.error("there is no GPU; --small runs the same code on a CPU")

    def apart(what: str, section: str) -> Figures:
        limit = LIMITS[section] + (PROFILE if options.profile else 0)
        return _apart(what, limit * (PATIENCE if small else 1), small, device, options)

    for section in options.sections:
        began = time.perf_counter()
        if section == "heads":
            report[section] = {name: apart(f"heads:{name}", section) for name in (HEADS[:1] if small else HEADS)}
        else:
            report[section] = _here(section, device, options) if small else apart(section, section)
        print(f"{section:8} {time.perf_counter() - began:5.0f} s  {report[section]}", file=sys.stderr)
        if options.out:
            options.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report))
    sys.exit(any(f'"{failed}":' in json.dumps(report) for failed in ("error", "official_error")))


def _figures(what: str, small: bool, device: str | None, options: argparse.Namespace) -> Figures:
    """The figures of a section, or of a head, as `heads:its name`."""
    name, _, head = what.partition(":")
    if name == "heads":
        return heads(head, small, _device(device), options.official)
    if name == "queries":
        from _queries import queries

        return queries(small, _device(device), profiled=options.profile) | _peak(_device(device))
    return {"encoder": encoder, "grpo": grpo}[name](small, _device(device))


def _apart(what: str, limit: int, small: bool, device: str | None, options: argparse.Namespace) -> Figures:
    """The figures of a section that runs in a process of its own, or its error."""
    command = [sys.executable, __file__, "--one", what, *(["--small"] if small else [])]
    command += [*(["--device", device] if device else []), *(["--profile"] if options.profile else [])]
    command += ["--official", str(options.official)] if options.official else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {limit} s"}
    if done.returncode:
        return {"error": "\n".join(done.stderr.strip().splitlines()[-3:])}
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _here(section: str, device: str | None, options: argparse.Namespace) -> Figures:
    """The figures of a small section, for which torch need not be imported once more, or its error."""
    try:
        return _figures(section, True, device, options)
    except Exception as error:
        return {"error": repr(error)}


def machine() -> Figures:
    """What is measured on, without a look at the GPU from this process."""
    found: Figures = {name: version(name) for name in ("torch", "transformers", "trl", "whenabouts")}
    with suppress(OSError, subprocess.CalledProcessError):
        asked = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        found["gpu"] = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return found


def encoder(small: bool, device: str) -> Figures:
    """CLIP ViT-B/32."""
    import torch

    from whenabouts.encoders.hub import HubEncoder

    count, batches = (12, [4]) if small else (4096, [128, 256, 512])
    with tempfile.TemporaryDirectory() as folder:
        _clip(Path(folder), small)
        ours, exact = HubEncoder(folder, device=device), HubEncoder(folder, device=device, precision="float32")
    images = list(np.random.default_rng(0).integers(0, 256, (count, ours.size, ours.size, 3), dtype=np.uint8))
    some = images[: min(count, 256)]
    far = np.abs(ours.encode_images(some) - exact.encode_images(some)).max()
    reached = count / _best(lambda: ours.encode_images(images), device)
    network = exact._network.to(torch.bfloat16)

    def bare(batch: int) -> float:
        pixels = torch.randn(batch, 3, ours.size, ours.size, device=device, dtype=torch.bfloat16)
        with torch.inference_mode():
            return (
                batch * 4 / _best(lambda: [network.get_image_features(pixel_values=pixels) for _ in range(4)], device)
            )

    rates = {batch: round(bare(batch)) for batch in batches}
    limit = max(rates.values())
    return {
        "frames_per_s": round(reached),
        "limit_frames_per_s": limit,
        "bare_by_batch": rates,
        "share_of_limit": round(reached / limit, 3),
        "precision": ours.precision,
        "max_difference_from_float32": float(far),
    }


def heads(name: str, small: bool, device: str, official: Path | None) -> Figures:
    """A head at its published size."""
    import torch
    from _official import Missing, build

    from whenabouts.grounders.learned import HEADS as KNOWN
    from whenabouts.grounders.learned.proposal.head import ProposalHead
    from whenabouts.synthetic.features import Synthetic
    from whenabouts.training.supervised.prefetch import Prefetched

    torch.manual_seed(0)
    model, benchmark = name.split()
    head = KNOWN[model].published(benchmark).to(device)
    batch = 2 if small else 8 if isinstance(head, ProposalHead) else 32
    width = head.config.video_dim - head.endpoints, head.config.text_dim
    clips, words = (8, 4) if small else (75, 32)
    recipe = Synthetic(batch, video_dim=width[0], text_dim=width[1], clips=(clips, clips), words=(words, words))
    examples = list(recipe)
    paper = KNOWN[model].recipes[benchmark]
    kinds: Any = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    optimiser, clip = kinds[paper.optimiser](head.parameters(), lr=1e-5, fused=True), paper.clip
    steps = 2 if small else 12
    figures: Figures = {"batch": batch, "optimiser": _told(optimiser)}

    def prepare(number: int) -> Any:
        return head.prepare(examples, np.random.default_rng(number))

    for kind in ("float32", "bfloat16"):
        half = torch.autocast(torch.device(device).type, torch.bfloat16) if kind == "bfloat16" else nullcontext()
        ready = prepare(0)

        def step(prepared: Any = ready, half: Any = half) -> None:
            with half:
                loss = head(prepared)["total"]
            optimiser.zero_grad()
            loss.backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(head.parameters(), clip)
            optimiser.step()

        def train(step: Any = step) -> None:
            with Prefetched(prepare) as batches:
                for number in range(steps):
                    step(batches.get(number, ahead=number + 1 < steps))

        head.train()
        figures[f"step_ms_{kind}"] = _milliseconds(step, device, small)
        figures[f"train_ms_{kind}"] = round(1e3 * _best(train, device, 1) / steps, 2)
        head.eval()
        with torch.no_grad(), half:
            inputs = head.inputs(examples)
            figures[f"forward_ms_{kind}"] = _milliseconds(partial(head.model, *inputs), device, small)
    try:
        if official is None:
            raise Missing("no --official DIR")
        rival = build(official, name, device=device)
        figures["official_precision"], figures["official_optimiser"] = "float32", _told(rival.optimiser)
        rival.take(head, examples, np.random.default_rng(0))
        figures["official_step_ms"] = _milliseconds(rival.step, device, small)
        figures["official_forward_ms"] = _milliseconds(rival.forward, device, small)
        for what in ("step", "forward"):
            figures[f"{what}_ratio"] = round(figures[f"official_{what}_ms"] / figures[f"{what}_ms_float32"], 2)
    except Missing as missing:
        figures["official"] = str(missing)
    except Exception as error:  # whatever official code raises here: ours is measured all the same
        figures["official_error"] = repr(error)
    return figures


def grpo(small: bool, device: str) -> Figures:
    """Updates of Time-R1's recipe."""
    import torch
    from _qwen import qwen

    from whenabouts.grounders.llm.papers import RECIPES
    from whenabouts.grounders.llm.recipe import GRPO
    from whenabouts.training.post.planning import cost, hardware, shapes
    from whenabouts.training.post.run import Run
    from whenabouts.training.post.samples import Sample

    frames, answers, tokens, (height, width) = (4, 2, 4, (56, 56)) if small else (32, 8, 64, FRAME)
    visual = frames // 2 * (height // 28) * (width // 28)
    recipe: Any = replace(
        cast("GRPO", RECIPES["time-r1"]), fps=1.0, frames=frames, visual_tokens=visual, batch=answers, group=answers,
        tokens=tokens, steps=2, selection=None,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        network, processor = qwen("tiny" if small else "3B", device)
        network.save_pretrained(folder / "model")
        processor.save_pretrained(folder / "model")
        del network
        if device.startswith("cuda"):
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        _video(folder / "video.mp4", frames, (height, width))
        samples = [Sample(f"q{k}", "video.mp4", f"event number {k}", ((1.0, 3.0),), float(frames)) for k in range(2)]
        job = Run(recipe, samples, folder, folder / "run", lora=16)
        job.train(
            str(folder / "model"), save_strategy="no", **({"use_cpu": True, "bf16": False} if device == "cpu" else {})
        )
        lines = [json.loads(line) for line in (folder / "run" / "log.jsonl").read_text("utf-8").splitlines()]
        shape = shapes.shape_of(str(folder / "model"))
    each = [line["step_time"] for line in lines if "step_time" in line]
    assert shape is not None
    sheet = hardware.CPU if device == "cpu" else _sheet(torch.cuda.get_device_name(device))
    gpu = None if sheet is None else hardware.device_named(sheet)
    planned = None if gpu is None else cost.estimate(recipe, shape, len(samples), gpu, lora=16)
    update = float(np.median(each[1:]))
    return {
        "seconds_per_update": round(update, 3),
        "seconds_of_each": [round(seconds, 3) for seconds in each],
        "estimate_of": sheet,
        "estimate_seconds": planned and round(planned.seconds_per_update, 4),
        "ratio_to_estimate": planned and round(update / planned.seconds_per_update, 2),
        "estimate_gib": planned and round(planned.memory, 2),
        **_peak(device),
    }


def _device(name: str | None) -> str:
    from whenabouts.encoders.device import torch_device

    return torch_device(name)


def _sheet(name: str) -> str | None:
    """The GPU of a data sheet that a device's own name has in it; None for one that is not known."""
    from whenabouts.training.post.planning.hardware import GPUS

    return next((known for known in GPUS if known in name.replace(" ", "")), None)


def _told(optimiser: Any) -> str:
    """An optimiser's class, and how it is computed."""
    return f"{type(optimiser).__name__}{' fused' if optimiser.defaults.get('fused') else ''}"


def _best(work: Callable[[], object], device: str, rounds: int = 3) -> float:
    """Seconds of the fastest of several rounds, after one that does not count; waits for the device."""
    import torch

    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        work()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return min(times[1:])


def _milliseconds(work: Callable[[], object], device: str, small: bool) -> float:
    return round(1e3 * _best(work, device, 1 if small else 8), 2)


def _peak(device: str) -> Figures:
    import torch

    return {"peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2)} if device.startswith("cuda") else {}


def _clip(folder: Path, small: bool) -> None:
    """CLIP ViT-B/32 of random weights, with as much of a tokenizer as loads."""
    import tokenizers
    import torch
    import transformers as hf

    torch.manual_seed(0)
    tower = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {"vocab_size": 16, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    vision = tower | {"image_size": 32, "patch_size": 8} if small else {}
    config = hf.CLIPConfig(text_config=text | tower, vision_config=vision, projection_dim=512)
    hf.CLIPModel(config).save_pretrained(folder)
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<pad>": 0, "<s>": 1, "</s>": 2, "a": 3}, unk_token="a"))
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    hf.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>").save_pretrained(folder)
    normal = {"image_mean": [0.481, 0.458, 0.408], "image_std": [0.269, 0.261, 0.276]}
    (folder / "preprocessor_config.json").write_text(json.dumps(normal), "utf-8")


def _video(path: Path, seconds: int, shape: tuple[int, int]) -> None:
    """A video of as many seconds, of random pictures, one a second."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=1, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = *shape, "yuv420p"
        rng = np.random.default_rng(0)
        for _ in range(seconds):
            picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))


if __name__ == "__main__":
    main()
