"""T* (2504.02259): frames are looked at in rounds, each where the last ones promise most, until the sought is found.

`search` is the rule over any judge of frames, `detector` and `owl` are judges, `words` says what is sought.
"""

from whenabouts.selection.tstar.selector import TStar

__all__ = ["TStar"]
