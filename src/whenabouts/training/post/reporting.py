"""How far a training is, told to whoever asked; what transformers' trainer would print itself stays unprinted."""

from __future__ import annotations

from typing import Any

from whenabouts.progress import Progress

__all__ = ["silence"]


def silence(job: Any, progress: Progress | None) -> None:
    """Take the bars and printed logs off a trainer, and tell `progress` of every update."""
    from transformers import PrinterCallback, ProgressCallback, TrainerCallback

    for kind in (PrinterCallback, ProgressCallback):
        job.remove_callback(kind)

    class Telling(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if progress is not None:
                progress("training", state.global_step / max(1, state.max_steps))

    job.add_callback(Telling())
