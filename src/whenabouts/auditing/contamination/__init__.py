"""Which system was trained on what, and whether a benchmark tests it on what it has seen.

    >>> contamination("TimeLens2-8B", "ego4d-nlq").verdict
    'perhaps in-domain'
    >>> contamination("Qwen3-VL-8B", "charades-sta", "test").verdict
    'unknown'

`trained.csv` has what systems were trained on, and `related.csv` what such data have to do with benchmarks. A system
of which not everything is disclosed is never called clean.
"""

from whenabouts.auditing.contamination.ledger import VERDICTS, Contamination, Training, contamination, trained_on

__all__ = ["VERDICTS", "Contamination", "Training", "contamination", "trained_on"]
