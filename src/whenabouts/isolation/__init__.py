"""Isolation: what strangers made is read in a child process within limits, so that a crash there is an error here.

`Subject` is an object that lives in a child: a video, a file of features. A child takes one subject after another, does
what it is told and sends values back. It knows nothing of videos, and loads no model.
"""

from whenabouts.isolation.limits import GIB, ChildLimits
from whenabouts.isolation.names import name_of, named
from whenabouts.isolation.subject import Children, Subject

__all__ = ["GIB", "ChildLimits", "Children", "Subject", "name_of", "named"]
