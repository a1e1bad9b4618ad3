"""Videos: lists, facts, pictures, sound and words."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from whenabouts.server.pictures import Place

__all__ = [
    "ContactSheet",
    "FrameLabels",
    "HeardSound",
    "Line",
    "ListedVideo",
    "NumberedLine",
    "PictureTimes",
    "ShownFrame",
    "SoundOf",
    "Strip",
    "TranscriptPage",
    "VideoFacts",
    "VideoList",
    "VideoSummary",
    "Waveform",
    "Words",
]


class VideoSummary(BaseModel):
    """A video in a folder; `within` is the path between the two, `size` is in bytes."""

    id: str
    name: str
    folder: str
    within: str
    size: int
    modified: str


class ListedVideo(VideoSummary):
    """A video in a list.

    `duration`: in seconds, where it was asked for and the video can be read
    `changeable`: whether who asks may delete it
    """

    duration: float | None
    changeable: bool


class VideoList(BaseModel):
    """A page of a list of videos; `total` is the length of the list."""

    videos: list[ListedVideo]
    total: int


class FrameLabels(BaseModel):
    """How frames are named: the rate in frames a second as a fraction, drop-frame or not, and the first frame's number.

    start:  frames from the timecode 00:00:00:00 to that of the file's first frame; 0 without one
    varies: whether pictures have no constant rate, and do not begin where these frames do
    """

    rate: tuple[int, int]
    drop: bool
    start: int
    varies: bool


class VideoFacts(VideoSummary):
    """A video that was opened. `frame` is the duration of one picture; all times are in seconds.

    `player`: whether browsers play the file itself, a copy of it, or neither.
    """

    duration: float
    width: int
    height: int
    frame: float
    sound: bool
    player: Literal["file", "copy"] | None
    note: str | None
    timecode: str | None
    labels: FrameLabels


class Waveform(BaseModel):
    """The loudness of equal parts of a stretch: 0 to 255, null where it was not read yet; none without sound.

    Each request reads five minutes at most: where the answer is `partial`, ask again.
    """

    heights: list[int | None]
    partial: bool


class PictureTimes(BaseModel):
    """When the pictures of a stretch begin, in seconds and in order, with the one before them and the one after."""

    times: list[float]


class Strip(BaseModel):
    """Pictures along a video, as data URLs of JPEG files."""

    pictures: list[str]


class Line(BaseModel):
    """A line of text, and when it is heard or seen, in seconds; `kind` is the kind of evidence that it is.

    `speaker`: who says it, where the subtitles name somebody; the text is without that name
    """

    start: float
    end: float
    kind: str
    text: str
    speaker: str = ""


class Words(BaseModel):
    """The known words of a video; `complete` once speech and text on screen were both read.

    `captions`: how many of the lines a player shows as captions
    """

    lines: list[Line]
    complete: bool
    captions: int


class ShownFrame(BaseModel):
    """A picture as the data URL of a JPEG file, when it begins, and how editing programs call and count it."""

    time: float
    timecode: str
    frame: int
    picture: str


class ContactSheet(BaseModel):
    """Pictures on one, as the data URL of a JPEG file, row by row, each with its time written on it."""

    start: float
    end: float
    columns: int
    frames: list[Place]
    picture: str


class HeardSound(BaseModel):
    """A kind of sound, and when it is heard, in seconds."""

    what: str
    start: float
    end: float


class SoundOf(BaseModel):
    """The sound of a stretch as the data URL of a WAV file, and the kinds of sound that are known to be in it."""

    start: float
    end: float
    heard: list[HeardSound]
    sound: str


class NumberedLine(Line):
    """A line with its number among all lines, and whether the words that were searched for are in it."""

    number: int
    hit: bool


class TranscriptPage(BaseModel):
    """Lines of the known words; `complete` once speech and text on screen were both read.

    `total`: lines of all pages together; `hits`: those that the search found; `next`: the offset of the next page
    """

    lines: list[NumberedLine]
    total: int
    hits: int | None
    next: int | None
    complete: bool
