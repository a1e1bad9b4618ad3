"""Log-probabilities of the tokens a model writes, without keeping the scores of a whole vocabulary for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whenabouts.grounders.llm.conversation import Reply

__all__ = ["dictated", "recorder"]


def recorder(start: int) -> Any:
    """A logits processor for `generate` that changes nothing; `start`: tokens of the prompt.

    Afterwards `replies(written, processor, settings)` gives texts with their tokens and log-probabilities, which are
    the model's own: before temperature.
    """
    import torch
    from transformers import LogitsProcessor

    class Recorder(LogitsProcessor):
        def __init__(self) -> None:
            self.last: Any = None
            self.logprobs: list[Any] = []

        def __call__(self, input_ids: Any, scores: Any) -> Any:
            if input_ids.shape[1] > start:
                self._note(input_ids[:, -1])
            self.last = scores.float()
            return scores

        def _note(self, chosen: Any) -> None:
            logprobs = torch.log_softmax(self.last, dim=-1).gather(1, chosen[:, None])
            self.logprobs.append(logprobs[:, 0])  # stays where it is: fetched here, every token would wait for it

        def replies(self, written: Any, processor: Any, settings: Any) -> list[Reply]:
            if len(self.logprobs) < written.shape[1]:
                self._note(written[:, -1])
            texts = processor.batch_decode(written, skip_special_tokens=True)
            stops = settings.eos_token_id
            ends = {stops} if isinstance(stops, int) else set(stops or ())
            ends |= {settings.pad_token_id}
            columns = torch.stack(self.logprobs, dim=1)
            replies = []
            for text, ids, values in zip(texts, written.tolist(), columns.tolist(), strict=True):
                count = next((i for i, token in enumerate(ids) if token in ends), len(ids))
                tokens = tuple(processor.batch_decode([[token] for token in ids[:count]], skip_special_tokens=True))
                replies.append(Reply(text, tokens, tuple(values[:count])))
            return replies

    made: Any = Recorder
    return made()


def dictated(start: int, wanted: Sequence[int]) -> Any:
    """A logits processor that makes a model write the tokens `wanted`; `start`: tokens of the prompt.

    Afterwards `logprobs` holds what the model gave each. A text that holds the model's own end is not read further.
    """
    import torch
    from transformers import LogitsProcessor

    class Dictated(LogitsProcessor):
        def __init__(self) -> None:
            self.logprobs: list[float] = []

        def __call__(self, input_ids: Any, scores: Any) -> Any:
            token = wanted[input_ids.shape[1] - start]
            self.logprobs.append(float(torch.log_softmax(scores[0].float(), dim=-1)[token]))
            forced = torch.full_like(scores, -torch.inf)
            forced[:, token] = 0.0
            return forced

    made: Any = Dictated
    return made()
