"""Recognise the speech of a video, piece by piece; a run that was interrupted goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from whenabouts.errors import MissingExtra
from whenabouts.evidence.cache import Kept
from whenabouts.evidence.speech.listening import listen
from whenabouts.evidence.speech.pieces import pieces
from whenabouts.evidence.speech.sentences import Word, sentence_text, sentences
from whenabouts.evidence.speech.weights import Weights, find_weights
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.progress import Fraction, part
from whenabouts.video.samples import RATE, Samples, samples

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["SpeechRecogniser"]

FORMAT = 2  # raised when the same settings give other words than before


class SpeechRecogniser:
    """Recognises speech with one model, which is loaded when it is first needed and then held.

    model:  a folder with a CTranslate2 model or the name of a published one, which is downloaded when it is not on this
            machine; None takes "small" where it already is, else the packaged Whisper base
    device: "cpu", "cuda" or "cuda:1"; None, and every other, is a GPU where CTranslate2 can use one
    """

    def __init__(self, model: str | None = None, *, device: str | None = None) -> None:
        self.model, self.device = model, device

    def recognise(self, video: Video, *, cache: bool = True, progress: Fraction | None = None) -> list[TimedText]:
        """A line for each sentence, kind "said", in order of time; the source names the model and the language.

        `progress` receives the fraction done. Raises as `words`.
        """
        return tidy(self.lines(self.words(video, cache=cache, progress=progress)), video.duration)

    def lines(self, words: Sequence[Word]) -> list[TimedText]:
        """A line for each sentence of words in order of time."""
        name = self._weights.name
        return [
            TimedText(said[0].start, said[-1].end, sentence_text(said), "said", f"speech:{name} ({said[0].language})")
            for said in sentences(words)
        ]

    def heard(
        self, piece: Samples, offset: float, language: str | None = None, progress: Fraction | None = None
    ) -> list[Word]:
        """The words of a piece of sound that begins at `offset` seconds; `language` is that of the words before it.

        Raises MissingExtra, ModelError.
        """
        if find_spec("faster_whisper") is None:
            raise MissingExtra("speech", "speech recognition")
        return [
            word._replace(start=round(offset + word.start, 3), end=round(offset + word.end, 3))
            for word in listen(lambda: self._whisper, piece, language, progress)
        ]

    def words(self, video: Video, *, cache: bool = True, progress: Fraction | None = None) -> list[Word]:
        """Every word that was heard, in order of time, on the video's clock.

        With `cache`, words heard before are read, and each piece is kept as soon as it was listened to. Raises
        MissingExtra without the extra "speech", ModelError when the model cannot be loaded or is not the pinned one,
        VideoError.
        """
        if find_spec("faster_whisper") is None:
            raise MissingExtra("speech", "speech recognition")
        settings: dict[str, str | int] = {
            "video": video.sha256,
            "model": self._weights.identity,
            "made_by": f"faster-whisper {version('faster-whisper')}",
            "format": FORMAT,
        }

        def kept(piece: int | None) -> Kept[Word]:
            return Kept(Word, cache=cache, **settings, piece=piece)

        whole = kept(None)
        words = whole.read()
        if words is None:
            words, count = self._listened(video, kept, progress)
            whole.write(words)
            for piece in range(count):
                kept(piece).delete()
        return words

    @property
    def identities(self) -> Mapping[str, str]:
        """The sha256 of the network, by the name of the model, once speech was recognised."""
        return {f"whisper-{self._weights.name}": self._weights.sha256} if "_weights" in self.__dict__ else {}

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights, once they are loaded."""
        return self._weights.bytes if "_whisper" in self.__dict__ else 0

    def _listened(
        self, video: Video, kept: Callable[[int], Kept[Word]], progress: Fraction | None
    ) -> tuple[list[Word], int]:
        """The words of all pieces, and how many pieces there are; those that are kept are not listened to again."""
        words: list[Word] = []
        count = 0
        for offset, piece in pieces(samples(video)):
            share = part(progress, offset / video.duration, (offset + len(piece) / RATE) / video.duration)
            heard = kept(count).read()
            if heard is None:
                before = words[-1].language if words else None
                heard = self.heard(piece, offset, before, share)
                kept(count).write(heard)
            words += heard
            count += 1
            if share:
                share(1.0)
        return words, count

    @cached_property
    def _weights(self) -> Weights:
        return find_weights(self.model)

    @cached_property
    def _whisper(self) -> Any:
        return self._weights.load(self.device)
