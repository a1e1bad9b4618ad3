"""The one answer type: its JSON form survives the round trip and its schema describes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts import Evidence, Moment, Prediction, Receipt, Saliency
from whenabouts.errors import AnnotationError
from whenabouts.prediction import json_schema

finite = st.floats(0, 1e5, allow_nan=False)
moments = st.builds(
    lambda start, length, score, quote: Moment(
        start, start + length, score, (Evidence("said", start, start + length, quote),)
    ),
    finite,
    st.floats(0.01, 100),
    st.floats(0, 1),
    st.text(),
)
predictions = st.builds(
    Prediction,
    query=st.text(),
    moments=st.lists(moments, max_size=4).map(tuple),
    duration=st.floats(1.1e5, 1e6),
    presence=st.none() | st.floats(0, 1),
    saliency=st.none()
    | st.lists(finite).map(lambda times: Saliency(tuple(sorted(set(times))), tuple(sorted(set(times))))),
    video=st.none() | st.text(),
    receipt=st.none() | st.builds(Receipt, st.text(), st.text(), models=st.dictionaries(st.text(), st.text())),
)


@given(predictions)
def test_json_round_trip_gives_the_same_value(prediction: Prediction) -> None:
    assert Prediction.from_dict(json.loads(json.dumps(prediction.to_dict()))) == prediction


def test_reading_names_the_field_that_is_wrong() -> None:
    good = Prediction("a dog", (Moment(1, 2),), 10.0).to_dict()
    good["moments"][0]["start"] = "soon"
    with pytest.raises(AnnotationError, match=r"^the field moments\.0\.start: input should be a valid number"):
        Prediction.from_dict(good)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"duration": -1.0}, "the field duration: must be a finite number from 0 on, not -1"),
        ({"duration": float("inf")}, "the field duration: must be a finite number"),
        ({"presence": 1.5}, "the field presence: must be a probability"),
        (
            {"moments": [{"start": 1, "end": 12}]},
            r"the field moments\.0: ends at 12 s, after the video, which lasts 10 s",
        ),
        ({"moments": [{"start": 1, "end": 2, "score": float("inf")}]}, r"the field moments\.0\.score: must be finite"),
        ({"saliency": {"times": [0, 1], "values": [0, float("nan")]}}, "saliency.values: must be finite"),
        ({"saliency": {"times": [1, 0], "values": [0, 1]}}, "saliency.times: must grow"),
    ],
)
def test_what_cannot_be_true_is_not_read(change: dict[str, object], message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        Prediction.from_dict(Prediction("a dog", (), 10.0).to_dict() | change)


def test_the_schema_describes_every_field() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(Prediction("q", (), 1.0).to_dict())
    assert {"start", "end", "score", "evidence"} <= set(schema["$defs"]["Moment"]["properties"])


def test_qvhighlights_rows_have_four_decimals_and_ten_windows() -> None:
    found = tuple(Moment(i + 1 / 3, i + 2, 1 / 7) for i in range(12))
    row = Prediction("a dog", found, 150.0, saliency=Saliency((0.0,), (0.123456,))).to_qvhighlights(7, "abc")
    assert row["pred_relevant_windows"][0] == [0.3333, 2, 0.1429]
    assert len(row["pred_relevant_windows"]) == 10
    assert row["pred_saliency_scores"] == [0.1235] * 75


def test_a_saliency_curve_needs_one_value_per_time() -> None:
    with pytest.raises(ValueError, match="2 times but 1 values"):
        Saliency((0.0, 1.0), (0.5,))
