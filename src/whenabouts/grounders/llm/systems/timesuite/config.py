"""The config of TimeSuite's published files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.systems.timesuite.network import Sizes

__all__ = ["read_facts", "sizes_of"]

SIDE = 224  # to which the sines of the vision tower belong


def read_facts(folder: Path) -> dict[str, Any]:
    """What `config.json` says of the model. Raises ModelError."""
    path = folder / "config.json"
    try:
        facts = json.loads(path.read_text("utf-8"))["model"]
        kind = facts["vision_encoder"], facts["num_query_token"]
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read; name the folder of TimeSuite's published parameters, with its config.json"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not TimeSuite's config: {type(error).__name__}: {error}") from error
    if not isinstance(kind[0], dict):
        raise ModelError(f"{path} is not TimeSuite's config: its vision_encoder has no settings")
    return dict(facts)


def sizes_of(facts: dict[str, Any], folder: Path) -> Sizes:
    """The sizes among these. Raises ModelError where they are not those of VideoChat-T."""
    seen, default, path = facts["vision_encoder"], Sizes(), folder / "config.json"
    try:
        clip = int(facts.get("clip_frames", seen.get("num_frames", default.clip_frames)))
        sizes = Sizes(
            side=int(seen.get("img_size", default.side)),
            patch=int(seen.get("patch_size", default.patch)),
            width=int(seen.get("encoder_embed_dim", default.width)),
            depth=int(seen.get("encoder_depth", 24)) + int(seen.get("return_index", -2)) + 1,
            heads=int(seen.get("encoder_num_heads", default.heads)),
            clip_frames=clip,
            clips=int(facts.get("num_frames", default.frames)) // clip,
            queries=int(facts["num_query_token"]),
            more_queries=int(facts.get("extra_num_query_token", default.more_queries)),
            merged=int(facts.get("token_merge_len", default.merged)),
            text=int(facts.get("max_txt_len", default.text)),
        )
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise ModelError(f"{path} is not TimeSuite's config: {error}") from error
    if sizes.side != SIDE or seen.get("tubelet_size", 1) != 1 or not facts.get("qformer_text_input", True):
        raise ModelError(
            f"{path} describes another model than VideoChat-T, which sees {SIDE} pixels, one frame at a time, and "
            "whose Q-Former reads"
        )
    return sizes
