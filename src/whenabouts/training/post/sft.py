"""Run the supervised recipe on TRL's trainer: loss on the answer only, frames as images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra
from whenabouts.grounders.llm.recipe import SFT
from whenabouts.training.post.processes import passes

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

    return SFTTrainer(model=model, processing_class=processor, args=args, train_dataset=rows, **more)
