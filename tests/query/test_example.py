"""`Example`: its form in text, its title, and words and constraints beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import QueryError
from whenabouts.query import Example


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("picture.jpg", Example("picture.jpg")),
        ("retina@2x.png", Example("retina@2x.png")),
        ("video.mp4@12.5", Example("video.mp4", 12.5)),
        ("a@b/video.mp4@1:02:03.5-1:02:10", Example("a@b/video.mp4", 3723.5, 3730.0)),
        ("@12.5-15", Example("", 12.5, 15.0)),
        ("frames@25@3", Example("frames@25", 3.0)),
        ("@0.00001-0.00002", Example("", 1e-5, 2e-5)),
    ],
)
def test_an_example_is_read(text: str, example: Example) -> None:
    assert Example.parse(text) == example
    assert Example.parse(str(example)) == example


@pytest.mark.parametrize(("text", "told"), [("v.mp4@5-3", "ends before it starts"), (" ", "the example is empty")])
def test_what_is_no_example_is_one_sentence(text: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        Example.parse(text)


@pytest.mark.parametrize("time", ["-1", "nan", "", "3-", "3s", "00:00:03:12", "9" * 400])
@pytest.mark.parametrize("video", ["", "v.mp4"])
def test_a_time_that_is_not_understood_is_no_picture(video: str, time: str) -> None:
    with pytest.raises(QueryError, match="is not understood; write seconds"):
        Example.parse(f"{video}@{time}")


def test_a_file_is_a_picture_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "me@12").touch()
    assert Example.parse(str(tmp_path / "me@12")) == Example(str(tmp_path / "me@12"))
    with pytest.raises(QueryError, match="is an address"):
        Example.parse("http://localhost/a.jpg")


@given(st.text(max_size=40))
def test_a_query_that_names_the_example_keeps_its_words(text: str) -> None:
    example = Example("cat.jpg")
    query = example.query(text)
    assert example.named_in(query)
    assert example.query(query) == query


def test_constraints_hold_beside_an_example() -> None:
    example = Example("cat.jpg")
    read = example.read(example.query("the second time"))
    assert (read.event, read.which) == ("like cat.jpg", 2)
    read = example.read(example.query("after the break"))
    assert (read.event, read.relation, read.anchors) == ("like cat.jpg", "after", ("the break",))
    assert example.read(example.query("at night")).event == "at night (like cat.jpg)"
