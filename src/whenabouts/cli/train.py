"""`whenabouts train HEAD`: train a head on the features of a benchmark."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.progress import progress
from whenabouts.errors import InputError, MissingExtra
from whenabouts.grounders.learned import HEADS
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.benchmarks import Benchmark
    from whenabouts.benchmarks.features import FeatureExample
    from whenabouts.training.supervised.closed import ClosedSet
    from whenabouts.training.supervised.judge import Judge

SYNTHETIC = "synthetic"
ABSENT_CLASSES = 4  # per video, for benchmarks of action localisation: queries about classes that it does not show


class Size(StrEnum):
    """The size of a model."""

    published = "published"
    small = "small"


class Precision(StrEnum):
    """Mixed precision on a GPU."""

    no = "no"
    bf16 = "bf16"
    fp16 = "fp16"


def train(
    model: Annotated[str, typer.Argument(metavar="HEAD", help=f"One of: {', '.join(HEADS)}.")],
    benchmark: Annotated[str, typer.Option(help="Name of a benchmark, or `synthetic`, which needs no files.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the run.", show_default=False)],
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the annotations.", show_default=False)
    ] = None,
    features: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of video features. Repeatable: features are concatenated; give SlowFast before CLIP.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of query features. Default: `text` in the first --features.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        Size, typer.Option(help="The published size for the benchmark, or a small one for training on a CPU.")
    ] = Size.published,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Number of epochs. Default: the recipe's.", show_default=False)
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Batch size. Default: the recipe's.", show_default=False)
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Learning rate. Default: the recipe's.", show_default=False)
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Number of epochs between evaluations.")] = 5,
    patience: Annotated[
        int | None,
        typer.Option(min=1, help="Stop after this many evaluations without improvement.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 2018,
    precision: Annotated[Precision, typer.Option(help="Mixed precision on a GPU.")] = Precision.no,
    ema: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Decay of an exponential moving average of the parameters.", show_default=False
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda. Default: a GPU if available.", show_default=False)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in this folder, if there is one.")] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Also write logs for TensorBoard.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train HEAD with the published recipe, and keep the model with the best score on the validation split.

    The folder gets best.pt for `whenabouts find --model`, log.jsonl, and last.pt to resume from.

    For several GPUs: accelerate launch -m whenabouts train …
    """
    try:
        import torch

        from whenabouts.training.supervised.train import train as run
    except ImportError as error:
        raise MissingExtra("train", "training") from error

    kind, small = HEADS.named(model), size is Size.small
    recipe = kind.recipe(benchmark, small=small)
    options: dict[str, Any] = {}
    if kind.closed:
        closed, facts = _closed_set(benchmark, data, features or [], one_class=recipe.config.get("classes") == 1)
        examples, judge, options = closed.examples, closed.judge, {"classes": closed.classes}
        if "clip_seconds" in facts:  # rows that were made here lie side by side
            options |= {"seconds": facts["clip_seconds"], "span": 1.0}
    else:
        examples, judge, facts = _examples(benchmark, data, features or [], text, seed)
    changes: dict[str, Any] = {k: v for k, v in (("epochs", epochs), ("batch", batch), ("rate", rate)) if v is not None}
    first = examples[0]
    torch.manual_seed(seed)
    head = kind.sized(first.video.shape[1], first.text.shape[1], benchmark=benchmark, small=small, **options)
    if not small and benchmark not in kind.recipes:
        other = next(iter(kind.recipes))
        borrowed = f"no recipe of {model} is published for {benchmark}; using that for {other}"
        print(translate(borrowed), file=sys.stderr)
    with progress() as report:
        outcome = run(
            head,
            examples,
            judge,
            out,
            replace(recipe, **changes),
            seed=seed,
            resume=resume,
            every=every,
            patience=patience,
            precision=precision.value,
            ema=ema,
            device=device,
            tensorboard=tensorboard,
            facts=facts | {"benchmark": benchmark},
            progress=report,
        )
    if as_json:
        print(json.dumps({"model": str(outcome.path), "epoch": outcome.epoch, "scores": outcome.scores}, indent=2))
        return
    scores = "  ".join(f"{name} {value:.2f}" for name, value in outcome.scores.items())
    print(translate(f"{outcome.path}: epoch {outcome.epoch + 1}, {scores or 'not evaluated'}"))
    if "encoder" in facts:  # features of unknown make cannot be made of a video
        print(translate(f'try it: whenabouts find --model {outcome.path} VIDEO "QUERY"'), file=sys.stderr)


def _closed_set(
    benchmark: str, data: Path | None, folders: list[Path], *, one_class: bool
) -> tuple[ClosedSet, dict[str, Any]]:
    """Whole videos for heads of a closed set, their judge, and how features were made."""
    from whenabouts.training.supervised.closed import closed_set, synthetic_actions

    if benchmark == SYNTHETIC:
        return synthetic_actions(), {}
    if data is None or not folders:
        raise InputError(
            f"training on {benchmark} needs its annotations (--data) and features of its videos (--features)"
        )
    from whenabouts.benchmarks import dataset
    from whenabouts.training.supervised.reading import FeatureFolders

    source, kept = dataset(benchmark), FeatureFolders(folders)
    training, held_out = (source.load(data, split) for split in list(source.files)[:2])
    return closed_set(training, held_out, kept, one_class=one_class), kept.made()


def _examples(
    benchmark: str, data: Path | None, folders: list[Path], text: Path | None, seed: int
) -> tuple[list[FeatureExample], Judge, dict[str, Any]]:
    """Training examples, the judge on the validation split, and how features were made."""
    from whenabouts.training.supervised.judge import by_detections, by_windows

    if benchmark == SYNTHETIC:
        from whenabouts.synthetic.features import Synthetic

        drawn = Synthetic()
        return list(drawn), by_windows(list(drawn.split(seed=1, queries=200))), {}
    if data is None or not folders:
        raise InputError(
            f"training on {benchmark} needs its annotations (--data) and features of its videos (--features)"
        )
    import numpy as np

    from whenabouts.benchmarks import dataset
    from whenabouts.benchmarks.closed_set import with_absent
    from whenabouts.benchmarks.features import with_features
    from whenabouts.encoders.folders import FeatureFolder, SideBySide
    from whenabouts.training.supervised.features import read_receipt

    source = dataset(benchmark)
    known = [split for split in ("train", "val", "test") if split in source.files]
    video = SideBySide([FeatureFolder(folder) for folder in folders])
    words = FeatureFolder(text or folders[0] / "text")
    labels = source.task == "TAL"
    training, held_out = (source.load(data, split) for split in known[:2])
    annotated = list(training.examples)
    if labels:
        annotated = with_absent(annotated, per_video=ABSENT_CLASSES, rng=np.random.default_rng(seed))
    examples = with_features(annotated, video, words, by_label=labels)
    validation = with_features(held_out.examples, video, words, by_label=labels, windows=False)
    for part, usable in ((training, examples), (held_out, validation)):
        if not usable:
            raise InputError(_unusable(part))
    classes = {e.example.query: e.text for e in examples}
    judge = by_detections(validation, classes, held_out) if labels else by_windows(validation, held_out)
    receipt = read_receipt(folders[0]) if len(folders) == 1 else {}
    return examples, judge, {k: receipt[k] for k in ("encoder", "clip_seconds") if k in receipt}


def _unusable(part: Benchmark) -> str:
    """Why no row of a split could be used, which is what `with_features` leaves out."""
    windows = sum(not len(e.windows) for e in part.examples)
    duration = sum(e.duration is None for e in part.examples)
    return (
        f"{part.path}: none of the {len(part.examples)} rows of the split {part.split} can be used for training "
        f"({windows} without a window, {duration} without a duration); annotate some with both"
    )
