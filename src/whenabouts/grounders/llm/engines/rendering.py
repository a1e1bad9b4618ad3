"""A conversation as the text that a model on this machine reads, with a mark wherever it is shown something.

Chat templates of models that think begin the model's turn with `<think>`. Where the words of a prompt name that tag,
the model thinks, and what it writes goes on behind the tag; where they do not, the thought is closed before it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Conversation
from whenabouts.grounders.llm.engines.qwen import MARKS, FrameProcessor

__all__ = ["begun", "marks_of", "messages_of", "rendered", "rest_of", "shows_video", "start_of", "thinks"]

Runs = list[list[int]]

THINK, THOUGHT = "<think>", "\n</think>\n\n"


def rendered(
    processor: Any, conversation: Conversation, *, opens_turn: bool = True, tools: Sequence[Any] | None = None
) -> tuple[str, Runs]:
    """The text of a conversation, and the frames that each of its marks stands for.

    Where video can be shown, frames that stand side by side are one mark.
    tools: functions that the model may call, as transformers describes them to it

    Raises ModelError for a model without a chat template.
    """
    messages, runs = messages_of(conversation, shows_video(processor))
    thinking = thinks("".join(str(part) for turn in conversation for part in turn.parts))
    text = _templated(
        processor, messages, add_generation_prompt=opens_turn, enable_thinking=thinking, tools=tools or None
    )
    return text + THOUGHT if begun(text) and not thinking else text, runs


def thinks(words: str) -> bool:
    """Whether a prompt of these words asks the model to think between `<think>` and `</think>`."""
    return THINK in words


def begun(prompt: str) -> str:
    """What of the model's answer a prompt, as a text, ends with: the tag of a thought, or nothing."""
    _, tag, space = prompt.rpartition(THINK)
    return tag + space if tag and not space.strip() else ""


def start_of(processor: Any, words: str) -> str:
    """What the chat template itself writes of the answer to a prompt of these words: `begun`."""
    asked = [_said("user", words)]
    thinking = thinks(words)
    return begun(_templated(processor, asked, add_generation_prompt=True, enable_thinking=True)) if thinking else ""


def rest_of(processor: Any, answer: str, start: str) -> str:
    """What a model writes behind the `start` of its turn (`begun`) to give an answer, as its template writes both."""
    if not start:
        return answer
    turn = _templated(processor, [_said("user", ""), _said("assistant", answer)], enable_thinking=True)
    rest = turn.partition(start)[2].partition(processor.tokenizer.eos_token)[0]
    return rest or answer.removeprefix(THINK)


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def _templated(processor: Any, messages: Sequence[dict[str, Any]], **how: Any) -> str:
    template = processor.chat_template or processor.tokenizer.chat_template
    if not template:
        raise ModelError(f"the tokenizer of {processor.tokenizer.name_or_path} has no chat template to ask it with")
    text: str = processor.tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, **how)
    return text


def shows_video(processor: Any) -> bool:
    """Whether frames that stand side by side are seen as video, and not one by one."""
    return isinstance(processor, FrameProcessor)


def marks_of(processor: Any) -> tuple[str, ...]:
    """What stands in the text for what is shown. Raises ModelError where a processor does not say it."""
    if shows_video(processor):
        return tuple(MARKS)
    mark = getattr(processor, "image_token", None)
    if not isinstance(mark, str):
        raise ModelError(f"{type(processor).__name__} names no image token, which this engine needs")
    return (mark,)


def messages_of(conversation: Conversation, video: bool) -> tuple[list[dict[str, Any]], Runs]:
    """Messages for a chat template, and the frames behind each of their marks: `video` is as of `shows_video`."""
    messages: list[dict[str, Any]] = []
    runs: Runs = []
    for turn in conversation:
        content: list[dict[str, str]] = []
        for shown, parts in groupby(turn.parts, lambda part: isinstance(part, int)):
            if not shown:
                content += [{"type": "text", "text": str(part)} for part in parts]
                continue
            numbers = [int(part) for part in parts]
            pieces = [numbers] if video else [[number] for number in numbers]
            runs += pieces
            content += [{"type": "image" if len(piece) == 1 else "video"} for piece in pieces]
        messages.append({"role": turn.role, "content": content})
    return messages, runs
