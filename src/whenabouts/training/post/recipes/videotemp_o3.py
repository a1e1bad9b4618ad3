"""VideoTemp-o3 (arXiv:2602.07801): the model may look again at a part of the video before it answers.

A crop tool shows a stretch at a higher rate; its frames stay in the conversation and out of the loss. Only the outline
of the paper could be read: prompt, weights, learning rate, batch, turns and the exact penalty-aware IoU are
UNCONFIRMED.
"""

from __future__ import annotations

from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import FORMATS
from whenabouts.rewards.videotemp_o3 import penalised_iou, repeated_crops
from whenabouts.training.post.recipes.recipe import GRPO

__all__ = ["VIDEOTEMP_O3"]

VIDEOTEMP_O3 = GRPO(
    name="videotemp_o3",
    paper="2602.07801",
    prompt='When does the event "{}" happen in the video? Think within <think> </think> tags. If you need to look '
    "closer, call the tool crop with start and end in seconds; otherwise give the answer within <answer> "
    '</answer> tags. For example: "12.54 to 17.83".',
    answer="<think></think><answer>{}</answer>",
    learning_rate=1e-6,
    batch=16,
    terms=(
        Term("penalised_iou", penalised_iou),
        Term("repeated_crops", repeated_crops, 0.5),
        Term("format", FORMATS["videotemp_o3"]),
    ),
    tokens=8192,  # TRL counts what the tool shows
    crops=3,
    unconfirmed=("prompt", "learning_rate", "batch", "terms", "group", "tokens", "crops", "fps", "frames"),
)
