"""Reward hacking while TRL trains: a reward of weight 0 sees every answer, and its findings go into the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from whenabouts.rewards.target import Target
from whenabouts.rewards.trl import Completion, targets_of, text_of_completion
from whenabouts.training.post.hacking import Figures, Limits, diverges, flags, inspect

__all__ = ["RewardMonitor"]


class RewardMonitor:
    """A reward function for TRL that always gives 0 and keeps the last `keep` answers with their targets.

    limits: where a figure becomes a flag; None is `hacking.Limits` as it is
    """

    __name__ = "monitor"

    def __init__(self, keep: int = 512, limits: Limits | None = None) -> None:
        self.limits = limits
        self.seen: deque[tuple[str, Target]] = deque(maxlen=keep)
        self.rewards: list[float] = []
        self.tious: list[float] = []

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Completion], **columns: Any) -> list[float]:
        """Keep the batch."""
        texts = [text_of_completion(completion) for completion in completions]
        self.seen.extend(zip(texts, targets_of(columns, len(texts)), strict=True))
        return [0.0] * len(texts)

    def figures(self) -> Figures | None:
        """Figures of the kept answers; None before there is one to a query that happens."""
        if not any(target.windows for _, target in self.seen):
            return None
        return inspect([text for text, _ in self.seen], [target for _, target in self.seen])

    def flags(self) -> list[str]:
        """The current suspicions, among them reward that rose without tIoU."""
        figures = self.figures()
        apart = diverges(self.rewards, self.tious)
        return [*(flags(figures, self.limits) if figures else []), *([apart] if apart else [])]

    def log(self, logs: dict[str, Any]) -> None:
        """Take reward and tIoU from a line of TRL's log, and add `monitor/…` figures and flags to it."""
        if "reward" not in logs or (figures := self.figures()) is None:
            return
        self.rewards.append(float(logs["reward"]))
        self.tious.append(figures.tiou)
        logs |= {f"monitor/{name}": value for name, value in asdict(figures).items() if value is not None}
        logs["monitor/flags"] = "; ".join(self.flags())

    def recall(self, lines: Sequence[dict[str, Any]]) -> None:
        """Take reward and tIoU from the log of the run that is resumed."""
        known = [line for line in lines if "reward" in line and "monitor/tiou" in line]
        self.rewards = [float(line["reward"]) for line in known]
        self.tious = [float(line["monitor/tiou"]) for line in known]

    def callback(self) -> Any:
        """A TrainerCallback that calls `log` for every line."""
        from transformers import TrainerCallback

        monitor = self

        class Monitoring(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                monitor.recall(state.log_history)

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                if logs is not None:
                    monitor.log(logs)
                    state.log_history[-1].update(logs)  # a copy that was made before callbacks were called

        return Monitoring()
