"""Blind baselines: how far answers come that never look at the video.

`BASELINES` has them by name, one a file; a model's gain over the best of them is what the video gave.
"""

from __future__ import annotations

from whenabouts.evaluation.blind.baseline import Answers, Baseline
from whenabouts.evaluation.blind.constant import Constant, WholeVideo
from whenabouts.evaluation.blind.five_windows import FiveWindows
from whenabouts.evaluation.blind.frequent_windows import FrequentWindows
from whenabouts.evaluation.blind.neighbours import NearestSentence, SimilarSentences
from whenabouts.evaluation.blind.prior_mode import PriorMode
from whenabouts.evaluation.blind.sampler import PriorSampler, VerbSampler
from whenabouts.evaluation.blind.verb_mode import VerbMode

__all__ = ["BASELINES", "Answers", "Baseline"]

BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        WholeVideo(),
        *(Constant(threshold) for threshold in (0.3, 0.5, 0.7, None)),
        FiveWindows(),
        PriorMode(),
        FrequentWindows(),
        PriorSampler(),
        VerbMode(),
        VerbSampler(),
        NearestSentence(),
        SimilarSentences(),
    )
}
