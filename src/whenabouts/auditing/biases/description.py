"""Localisation entangled with description: to find the moment one must know who "he" is, or what was said before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import FEWEST, english, percent, share
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Bars
from whenabouts.metrics.bootstrap import intervals_of_means

__all__ = ["Entangled"]

MANY = 0.05  # of the queries
_OPENING = r"(?:(?:and|then|but|so|now|when|as|once|next|finally|after that|in the end)[\s,]+)*"
PRONOUN = re.compile(rf"^\W*{_OPENING}(?:he|she|they|it|him|her|them|his|their|its|this|these|those)\b", re.IGNORECASE)
OTHERS = re.compile(r"\b(?:(?:the|an)?other (?:man|woman|person|boy|girl|one|guy|lady|people|men|women))\b", re.I)
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b|^[A-Z]{2,}[a-z]*\b")
SOUND = re.compile(
    r"\b(?:says?|said|saying|tells?|told|talk\w*|speak\w*|spoke|hears?|heard|sounds?|music|song|sings?|singing|voice|"
    r"shout\w*|laugh\w*|explain\w*|describ\w*|discuss\w*|mention\w*|ask(?:s|ed|ing)?|announc\w*|applau\w*|narrat\w*)\b",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:then|next|again|finally|first|last|continu\w*|begins?|starts?|ends?|before|after)\b", re.IGNORECASE
)


class Entangled(Bias):
    """Queries that cannot be understood alone: their subject is a pronoun, another person, or a name.

    Benchmarks that also rate clips for salience, or whose queries are names of classes, mix other tasks in; this is
    said too. With answers of a system: its IoU on such queries against all others.
    """

    name: ClassVar[str] = "entangled"
    title: ClassVar[str] = "Localisation entangled with description"

    def look(self, subject: Subject) -> Finding:
        """Present where more than a twentieth of the queries need to know who is meant, or another task is mixed in."""
        examples = [e for e in subject.examples if e.query.strip()]
        if len(examples) < FEWEST:
            verdict = f"cannot be told: {len(examples)} queries have words, and {FEWEST} are needed"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        if subject.dataset.task == "TAL":
            verdict = (
                "bias present: queries are names of classes, so that detection is measured in place of understanding"
            )
            return Finding(self.name, {}, dict(REFERENCES), verdict, present=True)
        if not english(examples):
            return Finding(self.name, {}, dict(REFERENCES), "cannot be told: queries are not in English")
        found = {
            name: np.array([pattern.search(e.query.strip()) is not None for e in examples])
            for name, pattern in {
                **{"a pronoun as subject": PRONOUN, "another person": OTHERS, "a name": NAME},
                **{"sound or speech": SOUND, "order": ORDER},
            }.items()
        }
        who = found["a pronoun as subject"] | found["another person"] | found["a name"]
        identity = share(who, examples)
        rated = float(np.mean([e.saliency is not None for e in examples]))
        figures = {"identity": identity.mean, "identity low": identity.low, "rated for salience": rated}
        figures |= {name: float(each.mean()) for name, each in found.items()}
        present = identity.low > MANY or rated > MANY
        told = (
            f"who is meant must be known for {percent(identity)} of the queries: a pronoun, another person, or a name"
        )
        also = ", and clips are rated for salience, which is another task" if rated > MANY else ""
        verdict = f"bias present: {told}{also}" if present else f"bias not seen: {told}"
        sentences = (*_of_system(subject, who, examples, figures), SOURCE)
        chart = Bars(
            "Queries that name something beyond the event",
            tuple(found),
            {"queries": tuple(100 * float(each.mean()) for each in found.values())},
            "queries (%)",
        )
        return Finding(self.name, figures, dict(REFERENCES), verdict, sentences, (), (chart,), present)


def _of_system(
    subject: Subject, who: NDArray[np.bool_], examples: Sequence[Example], figures: dict[str, float]
) -> tuple[str, ...]:
    """The IoU of a system on queries that need to know who is meant, less that on all others."""
    if subject.judged is None:
        return ("how much a model loses on such queries cannot be told without its answers",)
    needs = {e.qid for e, needed in zip(examples, who.tolist(), strict=True) if needed}
    judged, iou = subject.judged, subject.judged.report.per_query["mIoU"]
    chosen = np.array([e.qid in needs for e in judged.examples], bool)
    if min(chosen.sum(), (~chosen).sum()) < FEWEST:
        return (f"fewer than {FEWEST} answers are of one kind, so that they cannot be compared",)
    videos = np.array([e.video for e in judged.examples])
    a, b = (intervals_of_means({"": iou[kind]}, videos[kind].tolist())[""] for kind in (chosen, ~chosen))
    figures |= {"identity mIoU": 100 * a.mean, "other mIoU": 100 * b.mean}
    return (
        f"on them the system has mIoU {100 * a.mean:.1f} % ({100 * a.low:.1f} to {100 * a.high:.1f}), on the others "
        f"{100 * b.mean:.1f} % ({100 * b.low:.1f} to {100 * b.high:.1f})",
    )


SOURCE = "words are found by lists of our own; references: shares that they find in the published files"
REFERENCES = {
    "Charades-STA test, share of queries": 0.019,
    "ActivityNet Captions val_2, share of queries": 0.287,
    "TACoS test, share of queries": 0.430,
    "QVHighlights val, share of queries": 0.099,
    "DiDeMo test, share of queries": 0.008,
}
