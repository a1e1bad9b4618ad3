"""Annotations: versions that never come back, and a provenance that says no more than a person did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.benchmarks.annotations import Provenance, read_annotations, write_annotations
from whenabouts.server.annotations import AnnotationStore, Correction, SavedAnnotation

windows = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda w: (float(w[0]), float(sum(w)))))
MOMENTS = [[3.0, 4.0, 0.9], [1.0, 2.0, 0.5]]
PREDICTED = {"job": "j1", "moments": MOMENTS, "receipt": {"version": "1"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AnnotationStore]:
    opened = AnnotationStore(tmp_path / "annotations.sqlite")
    yield opened
    opened.close()


def put(store: AnnotationStore, *windows: tuple[float, float], query: str = "q") -> SavedAnnotation:
    return store.put("v", "a/v.mp4", 9.0, Correction(query, "ann", windows))


def test_a_version_never_comes_back(store: AnnotationStore) -> None:
    versions = [put(store, (0, 1)).version, put(store, (0, 2)).version, put(store, query="r").version]
    store.delete("v", "q", "ann")
    versions.append(put(store, (0, 1)).version)
    assert versions == sorted(set(versions)), "whoever saw the deleted one cannot replace the new one"
    assert put(store, (0, 1)).version == versions[-1], "what is saved already is not saved again"


def test_a_check_that_refuses_changes_nothing(store: AnnotationStore) -> None:
    before = put(store, (0, 1))
    seen: list[SavedAnnotation | None] = []

    def refuse(known: SavedAnnotation | None) -> None:
        seen.append(known)
        raise PermissionError

    with pytest.raises(PermissionError):
        store.put("v", "v.mp4", 9.0, Correction("q", "ann", ((5.0, 6.0),)), refuse)
    with pytest.raises(PermissionError):
        store.delete("v", "q", "ann", refuse)
    assert seen == [before, before] and store.of_video("v") == [before]
    with pytest.raises(KeyError):
        store.delete("v", "another", "ann", refuse)


@given(windows, st.data())
def test_the_whole_is_checked_only_where_every_window_is(pairs: list[tuple[float, float]], data: st.DataObject) -> None:
    kinds = tuple(data.draw(st.sampled_from(get_args(Provenance))) for _ in pairs)
    said = Correction("q", "ann", tuple(pairs), kinds).provenance
    assert (said == "model") == ("model" in kinds)
    assert said != "confirmed" or set(kinds) == {"confirmed"}


@pytest.mark.parametrize(
    ("pairs", "kinds", "whole"),
    [
        ([(1, 2), (3, 4)], ("confirmed", "confirmed"), "confirmed"),
        ([(1, 2), (3, 4)], ("confirmed", "edited"), "edited"),
        ([(1, 2), (3, 4)], ("confirmed", "model"), "model"),
        ([(1, 2)], ("confirmed",), "edited"),  # the other was deleted
        ([], (), "edited"),
        ([(1, 2), (3, 4)], None, "edited"),
    ],
)
def test_only_an_answer_that_is_right_as_it_is_is_confirmed(
    pairs: list[tuple[float, float]], kinds: tuple[Provenance, ...] | None, whole: str
) -> None:
    assert Correction("q", "ann", tuple(pairs), kinds, PREDICTED).provenance == whole
    nothing = {**PREDICTED, "moments": []}
    assert Correction("q", "ann", (), (), nothing).provenance == "confirmed"


def test_the_answer_that_was_corrected_stays_when_its_job_is_gone(store: AnnotationStore) -> None:
    store.put("v", "v.mp4", 9.0, Correction("q", "ann", ((1, 2),), ("edited",), PREDICTED))
    later = store.put("v", "v.mp4", 9.0, Correction("q", "ann", ((1, 3),), ("edited",), {"job": "j1"}))
    assert later.corrects == PREDICTED


def test_the_file_keeps_it_and_is_read_back_whole(store: AnnotationStore, tmp_path: Path) -> None:
    store.put("v", "a/v.mp4", 9.0, Correction("q", "ann", ((1, 2), (3, 4)), ("confirmed", "edited"), PREDICTED))
    store.put("v", "a/v.mp4", 9.0, Correction("r", "ann", ((1, 2),), ("model",), PREDICTED))
    rows, path = store.export(), tmp_path / "annotations.jsonl"
    write_annotations(path, rows)
    assert read_annotations(path) == rows
    [first, second] = rows
    assert (first.provenance, first.window_provenance) == ("edited", ("confirmed", "edited"))
    assert first.corrects == PREDICTED and first.saved is not None and first.annotator == "ann"
    assert store.export(provenance=["edited", "confirmed"]) == [first] and second.provenance == "model"
