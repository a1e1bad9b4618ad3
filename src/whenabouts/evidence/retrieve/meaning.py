"""How alike every line and a query are in meaning, by up to three encoders.

- The multilingual Universal Sentence Encoder compares meanings across languages, and is quick.
- multilingual-e5, where the machine can run it, was trained on questions and the passages that answer them.
- MiniLM reads English only. It compares descriptions best, so it reads lines that stand alone, such as captions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.kept import TextEncoder, kept_vectors
from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.evidence.retrieve.acts import prototypes
from whenabouts.evidence.retrieve.features import Meaning, Sought, Transcript, is_foreign
from whenabouts.evidence.retrieve.translation import Dictionary
from whenabouts.progress import Fraction, part

__all__ = ["meanings"]

NEAREST = 5  # generic queries that say how near a line is to any query
E5_SCALE = 10.0  # its products differ little: 0.75 to 0.9
# Queries of all sorts. A line that is like many of them, such as "What happened then?", is like any query.
GENERIC = (
    "she talks about her family",
    "he mentions the money",
    "when does she admit something",
    "what is his name",
    "where was he born",
    "how many people were there",
    "why did they leave",
    "someone apologises",
    "he thanks the audience",
    "the second time the project is mentioned",
    "a child is born",
    "the end of the war",
    "they discuss the weather",
    "she remembers her childhood",
    "how long did it take",
    "what year was it",
    "a question from the audience",
    "he explains how it works",
    "the price of the house",
    "a dangerous accident",
    "they laugh about something",
    "the doctor gives advice",
    "a trip to another country",
    "she describes her work",
    "food and cooking",
    "the music begins",
    "a football match",
    "the government decides",
    "an animal appears",
    "the computer is broken",
)


def meanings(
    transcript: Transcript,
    sought: Sequence[Sought],
    models: EvidenceModels,
    *,
    cache: bool = True,
    progress: Fraction | None = None,
) -> list[Meaning]:
    """What the encoders say of each query; texts and queries are encoded once, also over many questions."""
    texts = transcript.texts
    wanted = [text for each in sought for text in (each.words, each.event)]
    english = transcript.language == "en" and transcript.standing.any() and any(each.described for each in sought)
    sufficient = english and transcript.standing.all() and all(each.described for each in sought)
    passages, queries = (None, None) if sufficient else (models.passage_encoder, models.query_encoder)
    acts = {each.act: prototypes(each.act) for each in sought if each.act is not None}
    examples = [text for sentences in acts.values() for text in sentences]

    quick = _Vectors(models.multilingual_encoder, cache)
    lines = quick.of(texts, part(progress, 0.0, 0.2))
    near = np.sort(lines @ quick.of(GENERIC).T, axis=1)
    hub = near[:, -NEAREST:].mean(axis=1)
    found = quick.of(wanted) @ lines.T
    said = dict(zip(examples, quick.of(examples) @ lines.T, strict=True)) if examples else {}
    asked = [*dict.fromkeys((*(each.event for each in sought), *examples))]
    products = _answers(texts, asked, passages, queries, cache, part(progress, 0.2, 0.7))
    told = {} if products is None else dict(zip(asked, products, strict=True))
    foreign = [is_foreign(each, transcript) for each in sought]
    dictionary = Dictionary.of(texts, transcript.language) if any(foreign) else None
    read = None
    if english:
        reader = _Vectors(models.sentence_encoder, cache)
        standing = [text for text, alone in zip(texts, transcript.standing, strict=True) if alone]
        read = np.zeros((len(sought), len(texts)))
        read[:, transcript.standing] = (
            reader.of([each.words for each in sought]) @ reader.of(standing, part(progress, 0.7, 1.0)).T
        )
    taking_part = (quick.encoder, models.sentence_encoder if english else None, passages)
    models.text_identities = {encoder.name: encoder.sha256 for encoder in taking_part if encoder is not None}
    if progress:
        progress(1.0)

    def act(name: str | None, likeness: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        sentences = acts.get(name, []) if name is not None else []
        return np.max([likeness[text] for text in sentences], axis=0) if sentences else np.zeros(len(texts))

    return [
        Meaning(
            words=found[2 * i],
            event=found[2 * i + 1],
            act=act(each.act, said),
            hub=hub,
            answers=told.get(each.event),
            acts=act(each.act, told) if told else None,
            english=read[i] if read is not None and each.described else None,
            translated=dictionary.shared(each.words, each.language, quick.of) if dictionary and foreign[i] else None,
        )
        for i, each in enumerate(sought)
    ]


class _Vectors:
    """Vectors of texts from one encoder, in double precision."""

    def __init__(self, encoder: TextEncoder, cache: bool) -> None:
        self.encoder = encoder
        self.cache = cache

    def of(self, texts: Sequence[str], progress: Fraction | None = None) -> NDArray[np.float64]:
        return kept_vectors(self.encoder, texts, cache=self.cache, progress=progress).astype(np.float64)


def _answers(
    texts: Sequence[str],
    wanted: Sequence[str],
    passages: TextEncoder | None,
    queries: TextEncoder | None,
    cache: bool,
    progress: Fraction | None,
) -> NDArray[np.float64] | None:
    """Products (Q, N) of e5, above those of the mean line; None where it cannot run."""
    if passages is None or queries is None:
        return None
    lines = _Vectors(passages, cache).of(texts, progress)
    products: NDArray[np.float64] = E5_SCALE * _Vectors(queries, cache).of(wanted) @ (lines - lines.mean(axis=0)).T
    return products
