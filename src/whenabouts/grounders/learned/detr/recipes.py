"""What Lighthouse (Nishimura et al. 2024) trains every head of this family with: its configs at d095eaa.

A head takes a recipe from here where its authors published none; values of the model come from the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["HIGHLIGHTS_ALONE", "LIGHTHOUSE", "ON_TEST", "ON_THE_GRID"]

# what official evaluations of QVHighlights do to windows before they score them
ON_THE_GRID: Mapping[str, Any] = {"grid": 2.0, "latest": 150.0}
# of highlights alone no windows are scored, and words are read as they are
HIGHLIGHTS_ALONE: dict[str, Any] = {"grid": None, "latest": None, "raw_words": True}


def _of(name: str, *, latest: float | None = 150.0, options: Mapping[str, Any] | None = None, **fields: Any) -> Recipe:
    """configs/base.yml, with what configs/dataset/NAME.yml changes, and the grid of training/evaluate.py."""
    base = Recipe(schedule="step", drop=400, seconds=1.0, every=1, seed=2023)
    grid = {"grid": fields.get("seconds", base.seconds), "latest": latest}
    source = f"Lighthouse configs/base.yml, configs/dataset/{name}.yml"
    return base.changed(source=source, options={**grid, **(options or {})}, **fields)


# of highlights alone the saliency is trained and judged, and there are no windows
_TVSUM = _of(
    "tvsum", seconds=2.0, rate=1e-3, drop=2000, epochs=2000, batch=4, seed=2018, best="mAP",
    config={"words": 100}, options=HIGHLIGHTS_ALONE | {"longest": 1000},
)  # fmt: skip
_YOUTUBE = _of(
    "youtube_highlight", rate=2e-4, drop=2000, epochs=1000, batch=4, seed=2018, best="mAP",
    config={"words": 100}, options=HIGHLIGHTS_ALONE | {"longest": 1000, "saliency": 4.0},
)  # fmt: skip

_CLAP = {"video_dim": 2, "text_dim": 768, "audio_dim": 768}  # of what is only heard: configs/feature/clap.yml

# what chooses the model officially on TACoS; its `val` leaves the test unseen
ON_TEST: Mapping[str, str] = {"judged on": "test"}

LIGHTHOUSE: Mapping[str, Recipe] = {
    "qvhighlights": _of("qvhighlight", seconds=2.0),
    "charades-sta": _of("charades", rate=2e-4, drop=40, options={"saliency": 4.0}),
    "activitynet-captions": _of("activitynet", seconds=2.0, latest=None),
    "tacos": _of(
        "tacos", seconds=2.0, latest=None, rate=2e-4, drop=40, config={"words": 100},
        options={"saliency": 4.0, "longest": None}, unlike=ON_TEST,
    ),
    "clotho-moment": _of("clotho-moment", config=_CLAP),
    "castella": _of("castella", latest=300.0, config=_CLAP, options={"longest": 300}),
    "tvsum": _TVSUM,
    "youtube-highlights": _YOUTUBE,
}  # fmt: skip
