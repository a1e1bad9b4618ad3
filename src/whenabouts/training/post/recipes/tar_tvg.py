"""TAR-TVG (arXiv:2508.07683): reasoning with time-stamped anchors that must come nearer to the answer.

The first of its three stages; the second is `sft` on the traces it collects, the third this one again. No code was
found: weights, learning rate, group and prompt are UNCONFIRMED, and so is the form of the anchor reward.
"""

from __future__ import annotations

from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import FORMATS
from whenabouts.rewards.tar_tvg import anchor_progress, soft_iou
from whenabouts.training.post.recipes.recipe import GRPO

__all__ = ["TAR_TVG"]

TAR_TVG = GRPO(
    name="tar_tvg",
    paper="2508.07683",
    prompt='When does the event "{}" happen in the video? Reason within <think> </think> tags and write every time '
    "range that you consider within <timestamp> </timestamp> tags, each closer than the one before. "
    'Then give the answer within <answer> </answer> tags. For example: "12.54 to 17.83".',
    answer="<think><timestamp>{}</timestamp></think><answer>{}</answer>",
    learning_rate=1e-6,
    batch=16,
    terms=(
        Term("soft_iou", soft_iou),
        Term("anchor_progress", anchor_progress),
        Term("format", FORMATS["tar_tvg"]),
    ),
    tokens=512,
    unconfirmed=("prompt", "answer", "learning_rate", "batch", "terms", "group", "tokens", "fps", "frames"),
)
