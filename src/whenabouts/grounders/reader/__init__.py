"""The reader: a language model that reads the transcript and names the lines that answer.

It needs a language model, so it lives beside the families of grounders and not with the evidence, one floor below. It
is no grounder: it never sees a time and never gives one. It is shown numbered lines (`prompt`), a window at a time
(`windows`); what it says is read leniently (`answers`) and believed strictly (`check`): lines of that window, and a
quote that stands in them. `combined` makes one score of what it names and what retrieval finds.
"""

from whenabouts.grounders.reader.combine import combined
from whenabouts.grounders.reader.reader import Reader
from whenabouts.grounders.reader.reading import ReaderAnswer, Reading

__all__ = ["Reader", "ReaderAnswer", "Reading", "combined"]
