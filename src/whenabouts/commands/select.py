"""`Select`: which frames of a video a selector shows for a query."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from whenabouts.commands.command import Query
from whenabouts.commands.opening import Opening
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.selection import Selection
    from whenabouts.video import Video

__all__ = ["Select"]

MAX_FRAMES = 4096


class Select(Opening):
    """Which frames of a video are shown for a query, by the selectors that `find --select` has."""

    query: Query
    select: str = Field("dpp", description="Frame selector: a name of docs/selection.md, or NAME:MODEL.")
    frames: int = Field(32, ge=1, le=MAX_FRAMES, description="At most this many frames.")
    device: str | None = Field(
        None, description="Where models run: cpu, cuda, cuda:1 … Default: a GPU if there is one."
    )
    cache: bool = Field(True, description="Keep frame features for the next query on the same file.")
    out: Path | None = Field(
        None, description="Write the pictures and selection.json into this folder, which is new or empty."
    )

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """As `Command.of`; a folder may be a string."""
        if isinstance(out := fields.get("out"), str):
            fields["out"] = Path(out)
        return super().of(**fields)

    def run(self, video: Video, *, progress: Progress | None = None) -> Selection:
        """The frames, by their true times in seconds.

        Raises VideoError, QueryError, InputError, ModelError, MissingExtra.
        """
        from whenabouts.interchange.chosen_frames import check_folder, write_chosen
        from whenabouts.selection import load_selector, settings_of

        if self.out is not None:
            check_folder(self.out)  # said now, not after the work
        given = {"device": self.device, "cache": self.cache, "progress": progress}
        taken = settings_of(self.select)
        selector = load_selector(self.select, **{name: value for name, value in given.items() if name in taken})
        selection = selector.select(video, self.query, self.frames)
        if self.out is not None:
            write_chosen(selection, video, self.out)
        return selection
