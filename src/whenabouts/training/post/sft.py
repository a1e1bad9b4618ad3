"""Run the supervised recipe on TRL's trainer: loss on the answer only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra
from whenabouts.grounders.llm.recipe import SFT
from whenabouts.training.post.processes import passes
from whenabouts.training.post.seeing.conversation import told
from whenabouts.training.post.seeing.sight import Sight

__all__ = ["arguments", "trainer"]


def arguments(recipe: SFT, out: Path, *, micro: int | None = None, **overrides: Any) -> Any:
    """TRL's SFTConfig for a recipe. `micro`: samples per forward pass; the rest is accumulated. Raises InputError."""
    try:
        from trl.trainer.sft_config import SFTConfig
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    micro, accumulated = passes(recipe.name, recipe.batch, micro, "samples")
    settings: dict[str, Any] = {
        "output_dir": str(out),
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "num_train_epochs": recipe.epochs,
        "max_steps": recipe.steps or -1,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulated,
        "max_length": None,  # cutting would cut the frames off their answer
        "completion_only_loss": True,
        "remove_unused_columns": False,
        "report_to": [],
        "logging_steps": 1,
    }
    return SFTConfig(**settings | overrides)


def trainer(recipe: SFT, model: Any, processor: Any, rows: Any, args: Any, **more: Any) -> Any:
    """TRL's SFTTrainer on conversations of the recipe."""
    from trl.trainer.sft_trainer import SFTTrainer

    if isinstance(processor, Sight):
        args.dataset_kwargs = {"skip_prepare_dataset": True}
        more["data_collator"] = _collator(recipe, processor)
        processor = processor.tokenizer
    return SFTTrainer(model=model, processing_class=processor, args=args, train_dataset=rows, **more)


def _collator(recipe: SFT, sight: Sight) -> Any:
    """Rows of a data set as questions and true answers in tokens, of which the answers are learnt."""

    def collate(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        asked = [sight.ids(one, recipe, clip) for one, clip in (row["asked"] for row in rows)]
        answers = [told(sight, recipe, row["truth"]) for row in rows]
        given = sight.batch([[*question, *answer] for question, answer in zip(asked, answers, strict=True)])
        labels = given["input_ids"].clone().fill_(-100)
        for row, answer in zip(labels, answers, strict=True):
            row[-len(answer) :] = labels.new_tensor(answer)
        return given | {"labels": labels}

    return collate
