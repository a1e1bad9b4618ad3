"""How ActionFormer was published: the official configurations (happyharrycn/actionformer_release 61ea7eb).

A benchmark's first recipe is for the features that its paper reports; variants are named by theirs.
"""

from __future__ import annotations

from whenabouts.grounders.learned.recipe import SMALL, Recipe

__all__ = ["RECIPES", "SMALL_ACTIONFORMER"]

SOURCE = "happyharrycn/actionformer_release configs/"
BASE = Recipe(
    rate=1e-4, decay=0.05, batch=2, epochs=35, clip=1.0, schedule="cosine", warm=5, drop_last=True, seconds=4 / 30,
    ema=0.999, every=5, best="average_mAP", seed=1234567891, source=f"{SOURCE}thumos_i3d.yaml",
    unlike={"best": "the last epoch", "seconds": "four frames of the video"},
)  # fmt: skip
THUMOS = BASE.changed(options={"stride": 4.0})
TSP = BASE.changed(
    rate=1e-3, batch=16, epochs=15, seconds=16 / 15, unlike={"best": "the last epoch"}, source=f"{SOURCE}anet_tsp.yaml",
    config={
        "video_dim": 512, "classes": 1, "hidden": 256, "head_hidden": 256, "windows": (7, 7, 7, 7, 7, -1), "rows": 192,
        "places": True,
    },
    options={
        "clip_seconds": 16 / 15, "span": 1.0, "resize": True, "smoothing": 0.1, "regression": 2.0, "norm": 200.0,
        "decoding": {
            "vote": 0.9, "most": 100, "by_class": False, "sigma": 0.75, "shortest": 0.001,
        },
    },
)  # fmt: skip
I3D = TSP.changed(
    seconds=16 / 25, source=f"{SOURCE}anet_i3d.yaml", config={"video_dim": 2048}, options={"clip_seconds": 16 / 25}
)
LEVELS = ((0, 4), (2, 8), (4, 16), (8, 32), (16, 64), (32, 128), (64, 256), (128, 10000))
SLOWFAST = BASE.changed(
    epochs=15, seconds=16 / 30, unlike={"best": "the last epoch"}, source=f"{SOURCE}ego4d_slowfast.yaml",
    config={
        "video_dim": 2304, "classes": 110, "layers": (2, 2, 6), "windows": (9,) * 7,
        "ranges": (*LEVELS[:6], (64, 10000)), "rows": 1024, "places": True, "dropout": 0.1,
    },
    options={
        "clip_seconds": 16 / 30, "span": 2.0, "share": 0.3,
        "decoding": {"candidates": 5000, "most": 2000, "sigma": 0.9, "vote": 0.95},
    },
)  # fmt: skip
DEEPER = {"layers": (2, 2, 7), "windows": (9,) * 8, "ranges": LEVELS}


def _ego4d(name: str, width: int, **more: object) -> Recipe:
    sizes = {"video_dim": width, **DEEPER, **more}
    return SLOWFAST.changed(source=f"{SOURCE}ego4d_{name}.yaml", config=sizes)


RECIPES = {
    "thumos14": THUMOS,
    "activitynet-1.3": TSP,
    "activitynet-1.3/i3d": I3D,
    "ego4d-mq": SLOWFAST,
    "ego4d-mq/omnivore": _ego4d("omnivore", 1536),
    "ego4d-mq/egovlp": _ego4d("egovlp", 256, hidden=384, head_hidden=384).changed(options={"span": 1.0}),
    "ego4d-mq/slowfast-egovlp": _ego4d("slowfast_egovlp", 2560, heads=12, hidden=768, head_hidden=768),
    "ego4d-mq/omnivore-egovlp": _ego4d("omnivore_egovlp", 1792, heads=12, hidden=768, head_hidden=768),
    "ego4d-mq/slowfast-omnivore-egovlp": _ego4d(
        "slowfast_omnivore_egovlp",
        4096,
        heads=16,
        hidden=1024,
        head_hidden=1024,
        parts=(2304, 1536, 256),
        part_hidden=(256, 384, 384),
    ),
}

SMALL_ACTIONFORMER = SMALL.changed(
    rate=1e-3,
    decay=0.05,
    batch=16,
    clip=1.0,
    best="average_mAP",
    config={
        "hidden": 64, "head_hidden": 64, "layers": (2, 1, 3), "windows": (9,) * 4, "rows": 256,
        "ranges": ((0, 4), (4, 8), (8, 16), (16, 10000)), "path": 0.0,
    },
    options={"span": 1.0},
)  # fmt: skip
