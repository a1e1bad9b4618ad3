"""Stress: every probe of `trust.PROBES` put to one grounder, and what they found in one report.

>>> from whenabouts.trust.stress import stress
>>> callable(stress)
True
"""

from whenabouts.trust.stress.report import Report
from whenabouts.trust.stress.run import stress

__all__ = ["Report", "stress"]
