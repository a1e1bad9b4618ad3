"""Benchmarks with one bias each: that bias is said to be present, and no other; without any, none is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from whenabouts.auditing.biases import BIASES, Subject
from whenabouts.benchmarks import BENCHMARKS, Example
from whenabouts.benchmarks.example import NO_WINDOWS
from whenabouts.trust import probe
from whenabouts.trust.negatives.lexicon import THINGS

TSG = dataclasses.replace(BENCHMARKS["charades-sta"], name="planted", protocol="own")
VERBS = ["opens", "closes", "takes", "throws", "washes", "lifts", "paints", "kicks", "carries", "pushes"]
NOUNS = [group[0] for group in THINGS]


def fair(count: int, *, first: int = 0, seed: int = 0) -> list[Example]:
    """Queries on videos of up to half an hour, moments of any length at any place, and some that do not happen."""
    random = np.random.default_rng(seed)
    examples = []
    for n in range(first, first + count):
        duration = float(random.uniform(60, 1800))
        length = duration * random.uniform(0.02, 0.4)
        start = (duration - length) * random.random()
        absent = random.random() < 0.15
        verb, one, other = random.choice(VERBS), *random.choice(NOUNS, 2, replace=False)
        windows = NO_WINDOWS if absent else np.array([[start, start + length]])
        examples.append(
            Example(
                n,
                f"v{n // 3}-{first}",
                f"a person {verb} the {one} near the {other} number {n}",
                windows,
                duration,
                absent="another video" if absent else None,
            )
        )
    return examples


def found(examples: Sequence[Example], train: Sequence[Example] = (), **more: object) -> dict[str, bool | None]:
    subject = Subject(TSG, "test", examples, train, **more)  # type: ignore[arg-type]
    findings = [bias.look(subject) for bias in BIASES.values()]
    words = {True: "bias present", False: "bias not seen", None: "cannot be told"}
    assert all(finding.verdict.startswith(words[finding.present]) for finding in findings)
    return {finding.bias: finding.present for finding in findings}


def moved(examples: Sequence[Example], place: object) -> list[Example]:
    """The same queries with windows that a function of query and length (both shares of the video) chooses."""
    out = []
    for e in examples:
        if len(e.windows) and e.duration:
            length = float(e.windows[0, 1] - e.windows[0, 0]) / e.duration
            out.append(dataclasses.replace(e, windows=np.array([place(e, length)]) * e.duration))  # type: ignore[operator]
        else:
            out.append(e)
    return out


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [300, 1500])
def test_annotations_without_a_bias_have_none(count: int, seed: int) -> None:
    verdicts = found(fair(count, seed=seed), fair(2 * count, first=count, seed=seed + 100))
    assert [name for name, present in verdicts.items() if present] == []
    assert {name for name, present in verdicts.items() if present is None} == {
        "annotator disagreement",
        "static shortcut",
    }


def test_moments_at_one_place() -> None:
    random = np.random.default_rng(1)
    often = lambda e, length: (s := abs(random.normal(0, 0.05)) * (1 - length), s + length)  # noqa: E731
    assert _present(found(moved(fair(600), often), moved(fair(900, first=600), often))) == ["prior-only"]
    assert _present(found(moved(fair(600), often))) == ["prior-only"], "also without a training split"


def test_moments_that_are_the_video() -> None:
    whole = lambda e, length: (0.0, 1.0)  # noqa: E731
    assert "prior-only" in _present(found(moved(fair(300), whole)))


def test_verbs_that_say_where() -> None:
    random = np.random.default_rng(2)

    def by_verb(e: Example, length: float) -> tuple[float, float]:
        place = (VERBS.index(e.query.split()[2]) + random.random()) / len(VERBS)
        return place * (1 - length), place * (1 - length) + length

    assert _present(found(moved(fair(900), by_verb), moved(fair(900, first=900), by_verb))) == ["first-verb"]


def test_every_query_happens() -> None:
    assert _present(found([e for e in fair(600) if len(e.windows)])) == ["no negatives"]


def test_who_is_meant_is_not_said() -> None:
    examples = [dataclasses.replace(e, query=e.query.replace("a person", "then she")) for e in fair(300)]
    assert _present(found(examples)) == ["entangled"]


def test_boundaries_on_a_grid_of_five_seconds_are_coarse_for_short_moments() -> None:
    random = np.random.default_rng(3)

    def rounded(e: Example, length: float) -> tuple[float, float]:
        assert e.duration
        start = 5 * random.integers(1, int(e.duration / 5) - 4)
        return start / e.duration, (start + 5 * random.integers(1, 4)) / e.duration

    examples = moved(fair(600), rounded)
    assert _present(found(examples)) == ["granularity"]
    seconds = [dataclasses.replace(e, windows=np.round(e.windows)) for e in fair(600)]
    assert _present(found(seconds)) == [], "whole seconds are fine enough for moments of half a minute"


@pytest.mark.parametrize(
    "change", [str, str.upper, lambda text: text + ".", lambda text: text.replace(" the", ", the")]
)
def test_rows_of_the_training_split(change: object) -> None:
    train = fair(900, first=600)
    leaked = [dataclasses.replace(e, qid=f"x{e.qid}", query=change(e.query)) for e in train[:40]]  # type: ignore[operator]
    subject = Subject(TSG, "test", [*fair(600), *leaked], train)
    finding = BIASES["split leak"].look(subject)
    assert (
        finding.present and finding.figures["rows in training"] == 40 == finding.figures["rows of videos in training"]
    )
    assert _present(found(subject.examples, train)) == ["split leak"]
    other = [dataclasses.replace(e, video=f"other {e.video}") for e in leaked]
    longer = [dataclasses.replace(e, duration=(e.duration or 0) + 1) for e in other]
    assert found([*fair(600), *longer], train)["split leak"] is False, "the same words of another video are no leak"


def test_rows_of_the_training_split_under_another_name_are_suspected() -> None:
    train = fair(900, first=600)
    other = [dataclasses.replace(e, qid=f"x{e.qid}", video=f"other {e.video}") for e in train[:40]]
    finding = BIASES["split leak"].look(Subject(TSG, "test", [*fair(600), *other], train))
    count = sum(bool(len(e.windows)) for e in other)
    assert finding.present is None and finding.figures["rows in training under another name"] == count
    assert f"cannot be told: no row is on a video of training by name, but {count} of 640 rows" in finding.verdict
    both = BIASES["split leak"].look(Subject(TSG, "test", [*train[:1], *other], train))
    assert both.present and any(sentence.startswith("under another name") for sentence in both.sentences)


@pytest.mark.parametrize("name", [str.lower, str.upper, lambda video: f"a/{video}.mp4"])
def test_names_of_videos_are_the_same_whatever_their_case(name: object) -> None:
    train = [dataclasses.replace(e, video=f"Video {e.video}") for e in fair(900, first=600)]
    leaked = [dataclasses.replace(e, qid=f"x{e.qid}", video=name(e.video)) for e in train[:40]]  # type: ignore[operator]
    finding = BIASES["split leak"].look(Subject(TSG, "test", [*fair(600), *leaked], train))
    assert finding.present and finding.figures["rows in training with the same signs and windows"] == 40


def test_test_moments_elsewhere_than_training_moments_are_told() -> None:
    late = lambda e, length: (1 - length, 1.0)  # noqa: E731
    finding = BIASES["split leak"].look(Subject(TSG, "test", moved(fair(600), late), fair(900, first=600)))
    assert not finding.present and any("lie elsewhere" in sentence for sentence in finding.sentences)
    assert finding.figures["KL"] > 10 * finding.figures["KL by chance"]


def test_short_videos_only() -> None:
    shorter = [dataclasses.replace(e, duration=(e.duration or 0) / 10, windows=e.windows / 10) for e in fair(600)]
    assert _present(found(shorter)) == ["long-form scarcity"]


def test_people_who_disagree() -> None:
    examples = fair(300)
    random = np.random.default_rng(4)
    apart = {e.qid: e.windows[0] + np.outer(random.normal(0, 60, 4), [1, 1]) for e in examples if len(e.windows)}
    agree = {e.qid: np.repeat(e.windows, 4, axis=0) for e in examples if len(e.windows)}
    assert _present(found(examples, opinions=apart)) == ["annotator disagreement"]
    assert found(examples, opinions=agree)["annotator disagreement"] is False


def test_things_in_place_of_events() -> None:
    nouns = [dataclasses.replace(e, query=e.query.split("the ")[-1].split(" number")[0]) for e in fair(300)]
    assert _present(found(nouns)) == ["static shortcut"]


def test_a_system_that_reads_one_frame() -> None:
    figures = {"stay": 0.95, "stretch": 1 / 16}
    rests = probe.Finding("one-frame", figures, flaws=(probe.Flaw("one-frame", "it reads one frame"),))
    assert _present(found(fair(300), probes={"one-frame": rests})) == ["static shortcut"]
    looks = probe.Finding("one-frame", {"stay": 0.2, "stretch": 1.0})
    assert found(fair(300), probes={"one-frame": looks})["static shortcut"] is False
    few = probe.Finding("one-frame", notes=("3 queries are too few; 10 are needed",))
    assert found(fair(300), probes={"one-frame": few})["static shortcut"] is None


@pytest.mark.parametrize(
    "examples",
    [
        [],
        fair(5),
        [dataclasses.replace(e, windows=NO_WINDOWS) for e in fair(60)],
        [dataclasses.replace(e, duration=None) for e in fair(300)],
        [dataclasses.replace(e, video="one") for e in fair(300)],
        [dataclasses.replace(e, query="") for e in fair(300)],
        [dataclasses.replace(e, query="사람이 문을 연다") for e in fair(300)],
        [dataclasses.replace(e, windows=np.full((1, 2), np.nan)) for e in fair(60)],
        [dataclasses.replace(e, windows=np.array([[9.0, 3.0]])) for e in fair(60)],
        [dataclasses.replace(e, duration=0.0) for e in fair(60)],
    ],
    ids=["nothing", "five", "unlabelled", "undated", "one-video", "wordless", "korean", "nan", "inverted", "empty"],
)
def test_what_cannot_be_told_is_not_told(examples: list[Example]) -> None:
    for train in ([], examples[:0], fair(200, first=9000)):
        verdicts = found(examples, train)
        assert not {"prior-only", "first-verb", "split leak"} & set(_present(verdicts))


def _present(verdicts: dict[str, bool | None]) -> list[str]:
    return [name for name, present in verdicts.items() if present]


@pytest.mark.parametrize(("name", "split"), [("charades-sta", "test"), ("didemo", "test"), ("qvhighlights", "val")])
def test_published_benchmarks(data: Path, name: str, split: str) -> None:
    known = BENCHMARKS[name]
    train = known.load(data, "val" if name == "didemo" else "train").examples
    subject = Subject(known, split, known.load(data, split).examples, train)
    findings = {bias.name: bias.look(subject) for bias in BIASES.values()}
    assert (
        _present({n: f.present for n, f in findings.items()})
        == {
            "charades-sta": ["prior-only", "first-verb", "no negatives", "long-form scarcity"],
            "didemo": ["prior-only", "first-verb", "no negatives", "granularity", "annotator disagreement"],
            "qvhighlights": ["first-verb", "no negatives", "entangled", "granularity", "long-form scarcity"],
        }[name]
    )
    grid = {"charades-sta": 0.1, "didemo": 5.0, "qvhighlights": 2.0}[name]
    assert findings["granularity"].figures["grid"] == grid
