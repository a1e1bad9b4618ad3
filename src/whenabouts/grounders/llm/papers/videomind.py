"""VideoMind (arXiv:2503.13444): a grounder that answers through a head; it is loaded by `systems.videomind`."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Known, Published, recall
from whenabouts.grounders.llm.systems.videomind.prompts import GROUNDER, as_event

__all__ = ["VIDEOMIND"]

_README = ("videomind", "README of yeliudev/VideoMind")
_MOMENTS = ("qvhighlights", "README of yeliudev/VideoMind")


def _moments(half: float, strict: float, average: float) -> dict[str, float]:
    """Scores of QVHighlights: recall at IoU 0.5 and 0.7, and average mAP."""
    return {"MR-full-R1@0.5": half, "MR-full-R1@0.7": strict, "MR-full-mAP": average}


VIDEOMIND = Paper(
    name="videomind",
    title="VideoMind",
    prompting=Prompting(question=GROUNDER.prompt, clean_query=as_event),
    sampling=GROUNDER.shown,
    tokens=256,
    arxiv="2503.13444",
    status="system",
    backbone="Qwen2-VL with a LoRA for each role",
    checkpoints=("yeliudev/VideoMind-2B", "yeliudev/VideoMind-7B", "yeliudev/VideoMind-2B-FT-QVHighlights"),
    licence="BSD-3-Clause",
    memory="adapters of rank 64 on Qwen2-VL, with embeddings of their own for two roles",
    source="yeliudev/VideoMind: constants.py, eval/infer_auto.py, model/",
    protocol="videomind",
    published=(
        Published("VideoMind-2B", "charades-sta", "test", "zero-shot", recall(None, 51.1, 26.0, miou=45.2), *_README),
        Published("VideoMind-7B", "charades-sta", "test", "zero-shot", recall(None, 59.1, 31.2, miou=50.2), *_README),
        Published(
            "VideoMind-2B", "activitynet-captions", "val_2", "zero-shot", recall(None, 26.5, 12.6, miou=30.1), *_README
        ),
        Published(
            "VideoMind-7B", "activitynet-captions", "val_2", "zero-shot", recall(None, 30.3, 15.7, miou=33.3), *_README
        ),
        Published("VideoMind-2B", "tacos", "test", "fine-tuned", recall(None, 26.9, 15.5, miou=27.4), *_README),
        Published("VideoMind-7B", "tacos", "test", "fine-tuned", recall(None, 36.2, 21.4, miou=34.4), *_README),
        Published("VideoMind-2B", "ego4d-nlq", "val", "zero-shot", recall(None, 2.9, 1.2, miou=4.7), *_README),
        Published("VideoMind-7B", "ego4d-nlq", "val", "zero-shot", recall(None, 3.7, 1.7, miou=5.4), *_README),
        Published("VideoMind-2B", "qvhighlights", "test", "fine-tuned", _moments(75.42, 59.35, 51.6), *_MOMENTS),
        Published("VideoMind-7B", "qvhighlights", "test", "fine-tuned", _moments(78.53, 61.09, 54.19), *_MOMENTS),
    ),
    known=(
        Known(
            "Charades-STA had mIoU 29.19 for 7B where the paper has 50.2: the grounder failed on all 3,720 queries, "
            "with confidences that were no numbers",
            "yeliudev/VideoMind#4",
        ),
        Known("2B runs as published with torch 2.4, transformers 4.45.2 and peft 0.14", "yeliudev/VideoMind#20"),
        Known("its ReXTime figures are on validation, those it is compared with on test", "yeliudev/VideoMind#18"),
    ),
)
