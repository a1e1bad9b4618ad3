"""The reward-hacking watch while TRL trains: it sees every answer as a reward of weight 0, and speaks in the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from whenabouts.rewards.target import Target
from whenabouts.rewards.trl import Completion, targets_of, text_of_completion
from whenabouts.training.post.hacking import Figures, Limits, diverges, flags, inspect

__all__ = ["Watch"]


class Watch:
    """A reward function for TRL that always gives 0 and remembers the last `keep` answers with their targets."""

    __name__ = "watch"

    def __init__(self, keep: int = 512, limits: Limits | None = None) -> None:
        self.limits = limits
        self.seen: deque[tuple[str, Target]] = deque(maxlen=keep)
        self.rewards: list[float] = []
        self.tious: list[float] = []

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Completion], **columns: Any) -> list[float]:
        """Remember the batch."""
        texts = [text_of_completion(completion) for completion in completions]
        self.seen.extend(zip(texts, targets_of(columns, len(texts)), strict=True))
        return [0.0] * len(texts)

    def figures(self) -> Figures | None:
        """What the remembered answers look like; None before there is one to a query that happens."""
        if not any(target.windows for _, target in self.seen):
            return None
        return inspect([text for text, _ in self.seen], [target for _, target in self.seen])

    def flags(self) -> list[str]:
        """The suspicions of this moment, among them reward that rose without tIoU."""
        figures = self.figures()
        apart = diverges(self.rewards, self.tious)
        return [*(flags(figures, self.limits) if figures else []), *([apart] if apart else [])]

    def log(self, logs: dict[str, Any]) -> None:
        """Take reward and tIoU from a line of TRL's log, and add `watch/…` figures and flags to it."""
        if "reward" not in logs or (figures := self.figures()) is None:
            return
        self.rewards.append(float(logs["reward"]))
        self.tious.append(figures.tiou)
        logs |= {f"watch/{name}": value for name, value in asdict(figures).items() if value is not None}
        logs["watch/flags"] = "; ".join(self.flags())

    def recall(self, lines: Sequence[dict[str, Any]]) -> None:
        """Take reward and tIoU from the log of the run that is gone on with."""
        told = [line for line in lines if "reward" in line and "watch/tiou" in line]
        self.rewards = [float(line["reward"]) for line in told]
        self.tious = [float(line["watch/tiou"]) for line in told]

    def callback(self) -> Any:
        """A TrainerCallback that calls `log` for every line."""
        from transformers import TrainerCallback

        watch = self

        class Watching(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                watch.recall(state.log_history)

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                if logs is not None:
                    watch.log(logs)
                    state.log_history[-1].update(logs)  # a copy that was made before callbacks were asked

        return Watching()
