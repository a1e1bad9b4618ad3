"""`Stringout`: a timeline of the moments of answers, one after another, for an editing program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from whenabouts.commands.choices import ONLY
from whenabouts.commands.command import Command
from whenabouts.interchange.only import Only

if TYPE_CHECKING:
    from whenabouts.interchange.stringout import CutList
    from whenabouts.library.search import Hit
    from whenabouts.prediction import Prediction

__all__ = ["Stringout"]


class Stringout(Command):
    """Cuts of all moments in a row, exact to the frame, with the media of the original files behind them."""

    handles: float = Field(
        0.0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds of room before and after each moment, as far as the file goes and half-way to its next "
        "moment.",
    )
    order: Literal["time", "score"] = Field("time", description="Video after video and by time, or best first.")
    start: str | None = Field(
        None, description="Timecode at which the timeline begins. Default: 01:00:00:00.", examples=["00:00:00:00"]
    )
    only: Only = Field("likely", description=ONLY)

    def run(
        self,
        answers: Prediction | Iterable[Prediction | Hit],
        outs: Sequence[Path],
        *,
        video: Path | None = None,
        format: str | None = None,
    ) -> CutList:
        """Write the cuts into each file of `outs`, in the format of its suffix or the one that is named.

        answers: predictions of `find`, or hits of `search`
        video:   path of the video of predictions that name none

        Raises InputError, VideoError, MissingExtra.
        """
        from whenabouts.interchange.formats import cuts_in, format_of, write_cuts
        from whenabouts.interchange.selects import answers_of, cut_list

        for out in outs:
            cuts_in(format_of(out, format))  # said now, before videos are opened
        name = outs[0].name.partition(".")[0] if outs else "selects"
        cuts = cut_list(answers_of(answers, name), name, **self.model_dump(), video=video)
        write_cuts(cuts, outs, format=format)
        return cuts
