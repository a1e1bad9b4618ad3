"""One question to a server: attempts, pauses, and other ways of asking that its refusals teach."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Conversation, Reply, TooManyFrames
from whenabouts.grounders.llm.engines.openai.answers import Said, said
from whenabouts.grounders.llm.engines.openai.client import KEY
from whenabouts.grounders.llm.engines.openai.exchange import Answered, Broken, Silent, Unreachable, post
from whenabouts.grounders.llm.engines.openai.learned import PATIENCE, Learned
from whenabouts.grounders.llm.engines.openai.messages import Messages
from whenabouts.grounders.llm.engines.openai.probing import models
from whenabouts.grounders.llm.engines.openai.refusals import Refusal
from whenabouts.grounders.llm.engines.openai.usage import Usage

__all__ = ["Asking", "Unanswered"]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question to which nothing came that can be used. absent: that the server may not be there at all."""

    failure: str
    absent: bool = True


@dataclass(frozen=True, slots=True)
class _Again:
    """An attempt after which the same question is asked again: at once in another way, or the same after a pause."""

    problem: str = ""
    pause: float | None = None
    otherwise: bool = False
    absent: bool = True
    reached: bool = True


@dataclass
class Asking:
    """Asks questions about the same frames; several threads call it.

    bases:    addresses up to `/chat/completions`, of which `learned` knows the right one
    settings: of every request          shown: the number of frames          video: whether they may go as one
    retries, wait, longest_wait, timeout: as for `OpenAIEngine`
    end:      when all is over, on the clock of `time.monotonic`
    """

    client: Any
    name: str
    bases: tuple[str, ...]
    settings: dict[str, Any]
    of_video: dict[str, Any]
    messages: Messages
    shown: int
    learned: Learned
    usage: Usage
    video: bool
    retries: int
    wait: float
    longest_wait: float
    timeout: float
    end: float | None
    _silent: threading.Event = field(default_factory=threading.Event, init=False)
    _answered: threading.Event = field(default_factory=threading.Event, init=False)
    _ended: str = field(default="", init=False)

    def __call__(self, conversation: Conversation) -> Reply | Unanswered | None:
        """The reply; None where `end` came before.

        Raises ModelError for what ends a run, as `refusals` lists it, while there is no answer that could be lost; and
        TooManyFrames.
        """
        if self._ended:
            return Unanswered(self._ended)
        if self._silent.is_set() and not self._answered.is_set():
            return Unanswered("not asked, as the server was silent")
        if self.learned.unanswered >= PATIENCE and self._answered.is_set():
            return Unanswered(f"not asked, as the server left {PATIENCE} questions in a row unanswered")
        try:
            found = self._asked(conversation)
        except TooManyFrames:
            raise
        except ModelError as error:
            if not self._answered.is_set():
                raise
            self._ended = str(error)
            found = Unanswered(self._ended)
        if found is not None:
            self.learned.count(answered=isinstance(found, Reply))
        return found

    def _asked(self, conversation: Conversation) -> Reply | Unanswered | None:
        """The reply to one question, after as many attempts as it takes."""
        failed, longest, told = 0, min(self.longest_wait, self.timeout), ""
        while True:
            found = self._attempt(conversation)
            if isinstance(found, Reply) and told:
                return replace(found, notes=(*found.notes, told))
            if not isinstance(found, _Again):
                return found
            if found.otherwise:
                continue
            failed += 1
            wanted = self.wait * 2 ** (failed - 1) if found.pause is None else found.pause
            pause = min(wanted, longest)
            late = self.end is not None and time.monotonic() + pause >= self.end
            if failed > self.retries or late:
                if not found.reached:
                    raise ModelError(f"{self.name} does not answer: {found.problem}")
                return Unanswered(f"{found.problem}; {told}" if told else found.problem, found.absent)
            if found.pause is not None and wanted > longest:
                told = f"the server wanted to be left alone for {wanted:.0f} s, and was asked again after {longest:g} s"
            time.sleep(pause)

    def _attempt(self, conversation: Conversation) -> Reply | Unanswered | _Again | None:
        left = self.timeout if self.end is None else min(self.timeout, self.end - time.monotonic())
        if left <= 0:
            return None
        base = self.learned.base
        messages, why = self.messages.of(conversation, video=self.video, refused=self.learned.images)
        asked = self.settings | {"messages": messages} | (self.of_video if self.video and not why else {})
        sent = self.learned.body(asked)
        try:
            answered = post(self.client, f"{self.bases[base]}/chat/completions", sent, left)
            got = said(answered)
        except Silent:
            if self.end is not None and time.monotonic() >= self.end:
                return None
            self._silent.set()
            return Unanswered(f"no answer within {left:.3g} s")
        except Unreachable as error:
            if not error.again:
                raise ModelError(f"{self.name} does not answer: {error}") from None
            return _Again(str(error), reached=False)
        except Broken as error:
            return _Again(str(error), absent=False) if error.again else Unanswered(str(error), absent=False)
        if isinstance(got, Said):
            self._answered.set()
            written = self.usage.count(got.usage)
            notes = (*self.learned.notes(asked), *((why,) if why else ()))
            return got.reply(written, asked["max_tokens"], notes)
        return self._refused(got, answered, sent, base)

    def _refused(self, refusal: Refusal, answered: Answered, sent: dict[str, Any], base: int) -> Reply | _Again:
        """What follows from a refusal, in the order in which one is told from the other."""
        if 300 <= refusal.status < 400:
            there = answered.headers.get("location", "elsewhere")
            raise ModelError(f"{self.name} sends on to {there}; give that URL if it is where frames should go")
        if refusal.status == 200 and refusal.web_page:
            return self._elsewhere(refusal, base)
        if refusal.blind:
            raise ModelError(f"{self.name} takes no pictures: {refusal}")
        if self.shown and refusal.too_many(self.shown):
            problem = f"{self.name} takes fewer frames than the {self.shown} shown: {refusal}"
            raise TooManyFrames(problem, refusal.limit(self.shown))
        if refusal.wants_money:
            raise ModelError(f"{self.name} wants to be paid: {refusal}; look at the account of the key in {KEY}")
        if not refusal.filtered and self.learned.learns(refusal, sent):
            return _Again(otherwise=True)
        if refusal.no_model:
            self._no_model(refusal, base)
        if refusal.status in {404, 405} or (refusal.web_page and not refusal.passes):
            return self._elsewhere(refusal, base)
        if refusal.status == 401:
            does = "does not accept the key in" if "authorization" in self.client.headers else "wants a key; set"
            raise ModelError(f"{self.name} {does} {KEY}: {refusal}")
        if refusal.status == 403 and not refusal.filtered:
            raise ModelError(f"{self.name} does not allow this: {refusal}; look what the key in {KEY} may use")
        if refusal.passes:
            return _Again(str(refusal), _retry_after(answered.headers))
        self._answered.set()
        return Reply("", failure=f"the server refused this: {refusal}")

    def _elsewhere(self, refusal: Refusal, base: int) -> _Again:
        """Try the next address. Raises ModelError after the last."""
        if base + 1 < len(self.bases):
            self.learned.base = max(self.learned.base, base + 1)
            return _Again(otherwise=True)
        raise ModelError(
            f"{self.name} is not the address of a chat server: {refusal}; give the URL up to /v1, such as "
            "openai:http://localhost:8000/v1#MODEL"
        )

    def _no_model(self, refusal: Refusal, base: int) -> NoReturn:
        known = models(self.client, self.bases[base])
        has = f"; it has: {', '.join(known[:10])}" if known else ""
        raise ModelError(f"{self.name}: the server does not have this model ({refusal}){has}")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server wants to be left alone, written as a number or as a date; None if it does not say."""
    with suppress(ValueError):
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    value = headers.get("retry-after", "")
    with suppress(ValueError):
        return max(0.0, float(value))
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
