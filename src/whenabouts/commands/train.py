"""`Train`: a head learns from the features of a benchmark, by its authors' recipe or by one of your own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from whenabouts.benchmarks.annotations import Checked
from whenabouts.commands.choices import OneOf
from whenabouts.commands.command import Command
from whenabouts.errors import InputError, MissingExtra
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.benchmarks.features import FeatureExample
    from whenabouts.grounders.learned.head import Head
    from whenabouts.grounders.learned.recipe import Recipe
    from whenabouts.training.supervised.beside import Row
    from whenabouts.training.supervised.data import TrainingData
    from whenabouts.training.supervised.sweep import SweptRun

__all__ = ["Train", "Trained"]

HeadName = Annotated[str, OneOf("whenabouts.grounders.learned:HEADS", "head")]
SHORT = ("epochs", "batch", "rate", "every", "patience", "seed", "ema")  # settings that have an option of their own


@dataclass(frozen=True, slots=True)
class Trained:
    """Every run, best first, with how the features were made; notes are what the user is to know.

    sweep: the file with a line for each of several runs
    """

    runs: tuple[SweptRun, ...]
    facts: Mapping[str, Any]
    notes: tuple[str, ...]
    sweep: Path | None = None


class Train(Command):
    """Train a head, and keep the model that is best on the split for validation."""

    head: HeadName = Field(description="The model.")
    benchmark: str = Field(
        description="Benchmark, a .jsonl file of your own annotations, or `synthetic`, which needs no files."
    )
    out: Path | None = Field(None, description="Folder of the run.")
    data: Path | None = Field(None, description="Annotation file, or a directory that has it.")
    provenance: Checked | None = Field(
        None, description="Of corrections, take those that a person edited, or confirmed. Default: both."
    )
    features: list[Path] | None = Field(
        None, description="Folder of video features. Repeatable: they are put side by side; give SlowFast before CLIP."
    )
    audio_features: list[Path] | None = Field(
        None, description="Folder of features of the sound. Repeatable; they stand behind those of the video."
    )
    text: Path | None = Field(None, description="Folder of query features. Default: `text` in the first folder.")
    size: Literal["published", "small"] = Field(
        "published", description="The published size for the benchmark, or a small one for training on a CPU."
    )
    recipe: str | None = Field(
        None, description="Another of the head's published recipes, such as charades-sta/vgg. Default: the benchmark's."
    )
    epochs: int | None = Field(None, ge=1, description="Number of epochs. Default: the recipe's.")
    batch: int | None = Field(None, ge=1, description="Batch size. Default: the recipe's.")
    rate: float | None = Field(None, ge=0, description="Learning rate. Default: the recipe's.")
    every: int | None = Field(None, ge=1, description="Epochs between evaluations. Default: the recipe's.")
    patience: int | None = Field(None, ge=1, description="Stop after this many evaluations without improvement.")
    seed: int | None = Field(None, ge=0, description="Random seed. Default: the recipe's.")
    ema: float | None = Field(None, gt=0, lt=1, description="Decay of a running mean of the parameters.")
    settings: list[str] | None = Field(
        None, description="Any field of the recipe or the model, NAME=VALUE. NAME=VALUE,VALUE trains each. Repeatable."
    )
    precision: Literal["no", "bf16", "fp16"] = Field(
        "no", description="Half precision of the model, on a GPU or a CPU."
    )
    compile: bool = Field(False, description="Compile the model first: minutes at the start, faster steps after.")
    device: str | None = Field(None, description="cpu or cuda. Default: a GPU if available.")
    resume: bool = Field(False, description="Resume the run in this folder, if there is one.")
    track: list[str] | None = Field(
        None, description="Also log to a tracker, such as tensorboard or wandb. Repeatable, or with commas."
    )

    def beside(self) -> list[Row]:
        """The values of the training and of the model beside the published ones; nothing is trained.

        Of several values of a setting the first is shown. Raises InputError, ModelError, MissingExtra.
        """
        from whenabouts.training.supervised.beside import beside
        from whenabouts.training.supervised.empty import empty

        official, recipe = self._official(), self._recipes()[0][1]
        ours, theirs = empty(self._kind, recipe, self._widths()), empty(self._kind, official, None)
        return beside(ours, recipe, theirs, official, borrowed=self._lender(), judged=self._judged())

    def run(self, *, progress: Progress | None = None) -> Trained:
        """Train, once for each combination of settings.

        Raises InputError, AnnotationError, ModelError, MissingExtra; KeyboardInterrupt with all saved.
        """
        import torch

        from whenabouts.training.supervised.data import training_data
        from whenabouts.training.supervised.empty import empty
        from whenabouts.training.supervised.sweep import SweptRun, best_first, folder_names, write_sweep
        from whenabouts.training.supervised.train import train

        if self.out is None:
            raise InputError("name the folder of the run with --out, or see what would be trained with --dry-run")
        chosen = self._recipes()
        for _, recipe in chosen:
            empty(self._kind, recipe, self._widths())
        folders = self._folders()
        if folders is not None:
            folders = replace(folders, raw_words=chosen[0][1].options.get("raw_words", False))
        data = training_data(
            self.benchmark, self.data, folders, seed=chosen[0][1].seed, closed=self._kind.closed,
            one_class=chosen[0][1].config.get("classes") == 1, provenance=self.provenance,
        )  # fmt: skip
        for settings, recipe in chosen:
            if data.judge is not None and "best" in settings:
                data.judge.check(recipe.best)
        names = folder_names([settings for settings, _ in chosen]) if len(chosen) > 1 else [""]
        runs: list[SweptRun] = []
        notes = [*self.borrowed(), *data.notes]
        for (settings, recipe), name in zip(chosen, names, strict=True):
            torch.manual_seed(recipe.seed)
            head = self._kind.sized(*_widths_of(data.examples[0]), recipe=recipe, **data.options)
            facts, told = self._facts(settings, recipe, data, head)
            best = train(
                head, data.examples, data.judge, self.out / name, recipe, resume=self.resume,
                precision=self.precision, compile=self.compile, device=self.device, track=self._trackers, facts=facts,
                progress=progress,
            )  # fmt: skip
            runs.append(SweptRun(settings, best, best.figure))
            notes += [*told, *best.notes]
            sweep = write_sweep(self.out, runs) if len(chosen) > 1 else None
        return Trained(tuple(best_first(runs)), data.facts, tuple(dict.fromkeys(notes)), sweep)

    @property
    def _kind(self) -> type[Head]:
        try:
            from whenabouts.grounders.learned import HEADS

            return HEADS.named(self.head)
        except ImportError as error:
            raise MissingExtra("train", "training") from error

    @property
    def _trackers(self) -> list[str]:
        return [name.strip() for names in self.track or [] for name in names.split(",")]

    def _official(self) -> Recipe:
        """The published recipe. Raises InputError for a name that the head has none of."""
        kind = self._kind
        if self.recipe is not None and self.recipe not in kind.recipes:
            raise InputError(f"{kind.name} has no recipe {self.recipe!r}; choose one of: {', '.join(kind.recipes)}")
        heard = f"{self.benchmark}/audio" if self.audio_features else ""
        return kind.recipe(self.recipe or (heard if heard in kind.recipes else self.benchmark))

    def _recipes(self) -> list[tuple[dict[str, Any], Recipe]]:
        """Each combination of settings with its recipe."""
        from whenabouts.grounders.learned.fields import changed, combinations

        kind, official = self._kind, self._official()
        if self.size == "small" and self.recipe is not None:
            raise InputError("a small model has a recipe of its own; leave out --recipe, or --size small")
        base = kind.small if self.size == "small" else official
        short = {name: value for name in SHORT if (value := getattr(self, name)) is not None}
        combined = combinations(self.settings or [])
        for name in combined[0]:
            if name in short:
                raise InputError(f"{name} is given as an option and with --set; give it once")
        return [(short | settings, changed(kind, base, short | settings)) for settings in combined]

    def _folders(self) -> Any:
        from whenabouts.training.supervised.reading import FeatureFolders

        given = self.features or self.audio_features
        if not given:
            return None
        return FeatureFolders(self.features or (), self.audio_features or (), self.text, layered=self._kind.layered)

    def _widths(self) -> tuple[int, int, int] | None:
        """How many numbers a row of pictures, of words and of sound has; None where no features are given."""
        folders = self._folders()
        return None if folders is None else folders.widths(words=not self._kind.closed)

    def borrowed(self) -> list[str]:
        """A sentence that the recipe is another benchmark's, where it is."""
        lender = None if self.size == "small" else self._lender()
        return [f"{self._kind.name} has no recipe for {self.benchmark} here; using that for {lender}"] if lender else []

    def _lender(self) -> str | None:
        """The benchmark whose recipe is taken, where this one has none."""
        recipes = self._kind.recipes
        return None if self.recipe is not None or self.benchmark in recipes else next(iter(recipes))

    def _judged(self) -> str | None:
        """The split that chooses the model; None where none does."""
        from whenabouts.benchmarks import dataset
        from whenabouts.training.supervised.data import SYNTHETIC, splits

        named = [] if self.benchmark == SYNTHETIC else splits(dataset(self.benchmark))
        return named[1] if len(named) > 1 else None

    def _facts(
        self, settings: Mapping[str, Any], recipe: Recipe, data: TrainingData, head: Head
    ) -> tuple[dict[str, Any], list[str]]:
        """What the checkpoint says, and notes on rows that the recipe or the head is not for."""
        from whenabouts.training.supervised.lengths import beyond, row_seconds, uneven, uneven_frames

        facts = {**data.facts, "benchmark": self.benchmark, "set": dict(settings)}
        told = facts.setdefault("clip_seconds", row_seconds(data.examples, recipe))
        notes = uneven(told, recipe) if self.size == "published" else []
        return facts, [*notes, *uneven_frames(head, data.examples), *beyond(head, data.examples)]


def _widths_of(example: FeatureExample) -> tuple[int, int, int]:
    sound = 0 if example.sound is None else example.sound.shape[1]
    return example.video.shape[1], example.text.shape[1], sound
