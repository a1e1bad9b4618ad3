"""Which features an official model takes: read off the folders that the options of its training name.

Official options say nothing else about how features were made, so a folder's name is what there is. A configuration of
Lighthouse is also known by the name of its file, `FEATURE_MODEL_DATASET.ckpt` or `MODEL/DATASET/FEATURE/…/best.ckpt`,
and one of R2-Tuning by that of its file or of its folder, `r2_tuning_DATASET`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["WIDTHS", "Streams", "benchmark", "folders", "named_options"]

WIDTHS = {  # numbers a row, as the official scripts have them
    "slowfast": 2304, "clip": 512, "resnet": 2048, "i3d": 2048, "vgg": 4096, "c3d": 500, "pann": 2048, "clap": 768,
    "glove": 300,
}  # fmt: skip
PLAIN = {"rgb", "rgb_features", "features"}  # folders that are named by the one above
BENCHMARKS = {  # official names of data sets
    "qvhighlights": ("hl", "qvhighlight", "qvhighlight_pretrain", "qvhighlights"),
    "charades-sta": ("charades", "charadesSTA"),
    "activitynet-captions": ("activitynet", "anet"),
    "tacos": ("tacos",),
    "tvsum": ("tvsum",),
    "youtube-highlights": ("youtube_highlight", "youtube_uni", "youtube"),
    "ego4d-nlq": ("nlq", "ego4d"),
    "clotho-moment": ("clotho-moment",),
    "unav100-subset": ("unav100-subset",),
    "tut2017": ("tut2017",),
    "castella": ("castella",),
}
LIGHTHOUSE: dict[str, dict[str, Any]] = {  # configs/feature/*.yml and training/config.py
    "clip_slowfast_pann": {"pictures": ["clip", "slowfast"], "text": "clip_text", "sound": "pann"},
    "clip_slowfast": {"pictures": ["clip", "slowfast"], "text": "clip_text"},
    "resnet_glove": {"pictures": ["resnet"], "text": "glove"},
    "i3d_clip": {"pictures": ["i3d"], "text": "clip_text"},
    "clip": {"pictures": ["clip"], "text": "clip_text"},
    "clap": {"pictures": [], "text": "clap_text", "sound": "clap"},
}
MODELS = ("moment_detr", "qd_detr", "cg_detr", "eatr", "uvcom", "tr_detr", "taskweave_hd2mr", "taskweave_mr2hd")
DATASETS: dict[str, dict[str, Any]] = {  # configs/dataset/*.yml
    "qvhighlight_pretrain": {"clip_length": 2},
    "qvhighlight": {"clip_length": 2},
    "activitynet": {"clip_length": 2},
    "charades": {},
    "tacos": {"clip_length": 2, "max_v_l": -1},
    "tvsum": {"clip_length": 2, "max_v_l": 1000},
    "youtube_highlight": {"max_v_l": 1000},
    "clotho-moment": {},
    "unav100-subset": {},
    "tut2017": {},
    "castella": {"max_v_l": 300},
}


@dataclass(frozen=True)
class Streams:
    """Features by their names in `WIDTHS`; "" where a folder's name does not tell.

    pictures: in the order of a row's columns; None where the options name no folders
    """

    pictures: tuple[str, ...] | None
    text: str = ""
    sound: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Streams:
        """As the options tell, those of Lighthouse or of an original repository."""
        names = folders(options, "v_feat_dirs")
        pictures: tuple[str, ...] | None = tuple(_name(folder, options) for folder in names) if names else None
        if "video" not in str(options.get("ctx_mode", "video")):  # only heard, or only the ends of clips
            pictures = ()
        heard = folders(options, "a_feat_dir") or folders(options, "a_feat_dirs")
        text = _name(str(options.get("t_feat_dir") or ""), options)
        if pictures and "vgg" in pictures:  # CG-DETR takes GloVe then, whatever the folder of words
            text = "glove"
        return cls(pictures, text, _name(heard[0], options) if heard else None)

    @property
    def name(self) -> str:
        """As an encoder that makes all of them is called, such as `slowfast+clip+pann`; "" where one is unknown."""
        if self.pictures is None:
            return ""
        seen = sorted(self.pictures, key=lambda each: each != "slowfast")  # motion stands first here
        parts = [*seen, self.text, *([] if self.sound is None else [self.sound])]
        return "" if "" in parts else "+".join(dict.fromkeys(parts))


def folders(options: Mapping[str, Any], name: str) -> list[str]:
    """The folders of an option, which may be one or none."""
    given = options.get(name) or []
    return [given] if isinstance(given, str) else [str(folder) for folder in given]


def benchmark(options: Mapping[str, Any]) -> str:
    """Our name of the data set in the options, or an empty one."""
    official = options.get("dset_name")
    return next((ours for ours, names in BENCHMARKS.items() if official in names), "")


def named_options(path: Path) -> dict[str, Any]:
    """What a configuration of this name says, Lighthouse's or R2-Tuning's; of others which TaskWeave it is, if any.

    >>> named_options(Path("clip_slowfast_qd_detr_tacos.ckpt"))["v_feat_dirs"]
    ['features/tacos/clip', 'features/tacos/slowfast']
    """
    above = path.resolve().parts[-5:-1]
    inside = set(pairwise(above))
    model = next((name for name in MODELS if name in above or f"_{name}_" in f"_{path.stem}_"), "")
    tells = {"mr2hd": model.endswith("mr2hd")} if model.startswith("taskweave") else {}
    for feature, streams in LIGHTHOUSE.items():
        for dataset, more in DATASETS.items():
            if path.stem == f"{feature}_{model}_{dataset}" or inside & {
                (dataset, feature),
                (f"{dataset}_finetune", feature),
            }:
                named = {"model_name": model, "dset_name": dataset, "clip_length": 1}
                return _configuration(dataset, **streams) | named | tells | more
    found = re.match(r"r2_tuning_([a-z0-9]+)", path.stem) or re.match(
        r"r2_tuning_([a-z0-9]+)", path.resolve().parent.name
    )
    return {"dset_name": found[1]} if found else dict(tells)


def _configuration(dataset: str, pictures: list[str], text: str, sound: str | None = None) -> dict[str, Any]:
    where = f"features/{dataset.removesuffix('_pretrain')}"
    options: dict[str, Any] = {
        "ctx_mode": "_".join([*(["video"] if pictures else []), *(["audio"] if sound else []), "tef"]),
        "v_feat_dirs": [f"{where}/{name}" for name in pictures] or None,
        "v_feat_dim": sum(WIDTHS[name] for name in pictures) + 2,
        "t_feat_dir": f"{where}/{text}",
        "num_prompts": 2,
        "max_v_l": 75,
    }
    return options | ({"a_feat_dirs": [f"{where}/{sound}"], "a_feat_dim": WIDTHS[sound]} if sound else {})


def _name(folder: str, options: Mapping[str, Any]) -> str:
    parts = [part.lower() for part in re.split(r"[\\/]", folder) if part]
    while parts and parts[-1] in PLAIN:
        parts.pop()
    if not parts:
        return ""
    found = [name for name in WIDTHS if re.search(rf"(?<![a-z]){name}(?![a-z0-9])", parts[-1])]
    if parts[-1] == "video_features" and options.get("dset_name") == "tvsum":
        return "i3d"
    return found[0] if len(found) == 1 else ""
