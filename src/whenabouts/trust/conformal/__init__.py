"""Split-conformal ranges of start and end, exchangeable per video.

>>> import numpy as np
>>> from whenabouts.trust.answered import Answered
>>> errors = [0.5, 1, 1, 2, 2, 3, 3, 4, 4, 5]
>>> answers = [Answered(f"{i}", 60, 1.0, (10, 20, 1.0), np.array([[10 + e, 20.0]])) for i, e in enumerate(errors)]
>>> ranges = Ranges.fit(answers, 0.8)
>>> ranges.radii(120, 30, 50)
(8.0, 8.0)
"""

from __future__ import annotations

from whenabouts.trust.conformal.quantile import hierarchical_quantile, videos_needed
from whenabouts.trust.conformal.ranges import FLOOR, Band, Ranges, Rule, Scale

__all__ = ["FLOOR", "Band", "Ranges", "Rule", "Scale", "hierarchical_quantile", "videos_needed"]
