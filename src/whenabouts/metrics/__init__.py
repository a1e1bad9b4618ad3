"""Metrics: pure numpy functions, one file each, exact to the last digit of the official evaluators.

`evaluation.protocols` says what published numbers mean; the functions of the field's introductory lecture are here:

    >>> recall_at_n_iou([[[0, 10]]], [[0, 9]], n=1, iou_threshold=0.7)
    1.0
"""

from whenabouts.metrics.ranking import compute_iou, mean_iou, recall_at_n_iou

__all__ = ["compute_iou", "mean_iou", "recall_at_n_iou"]
