"""Every error of the package comes out of a child as it was raised there."""

from __future__ import annotations

import errno
from io import BytesIO

import pytest

from whenabouts import errors
from whenabouts.errors import (
    DataUnavailable,
    MissingExtra,
    OfficialCrash,
    QueueFull,
    StorageError,
    TaskFailed,
    VideoError,
    WhenaboutsError,
)
from whenabouts.isolation.faults import raised, told
from whenabouts.isolation.wire import receive, send

MADE = {
    "DataUnavailable": DataUnavailable("disk full", "full"),
    "MissingExtra": MissingExtra("hub", "the hub encoder"),
    "OfficialCrash": OfficialCrash(IndexError("list index out of range")),
    "QueueFull": QueueFull(of_client=True),
    "StorageError": StorageError(errno.ENOSPC, "v.mp4 cannot be written: the disk is full"),
    "TaskFailed": TaskFailed("the video cannot be read", internal=True),
}


def through_the_wire(error: Exception) -> WhenaboutsError | None:
    file = BytesIO()
    send(file, told(error))
    file.seek(0)
    return raised(receive(file))


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_stays_what_it_is(name: str) -> None:
    error = MADE[name] if name in MADE else getattr(errors, name)("v.mp4 is empty")
    came = through_the_wire(error)
    assert type(came) is type(error) and str(came) == str(error) != "None"
    assert (came.args, vars(came)) == (error.args, vars(error))
    for kept in ("errno", "strerror", "msg"):  # of an OSError and an ImportError
        assert getattr(came, kept, None) == getattr(error, kept, None)


def test_what_is_no_value_arrives_as_its_text() -> None:
    came = through_the_wire(VideoError(ValueError("a bad box")))
    assert str(came) == "a bad box"


def test_a_fault_of_the_program_is_told_as_none_of_these() -> None:
    assert through_the_wire(KeyError("x")) is None and told(KeyError("x")).words == "KeyError: 'x'"
