"""Messages in the language of the person who reads them.

The code speaks English, and so do exceptions, JSON, files and logs: they are interfaces. Where a message is shown to a
person, the command line and the pages look it up in a catalogue, one file `CODE.json` here for each other language.
`scripts/messages.py` collects the English messages from the source, and tells what a catalogue lacks.
"""

from __future__ import annotations

from whenabouts.language.catalogue import Catalogue, translations
from whenabouts.language.choice import ENGLISH, available, chosen

__all__ = ["ENGLISH", "Catalogue", "available", "chosen", "translate", "translations"]


def translate(text: str) -> str:
    """A message in the language that the environment asks for; unchanged where there is no translation.

    >>> translate("no moment found")
    'no moment found'
    """
    language = chosen()
    catalogue = None if language == ENGLISH else translations(language)
    return text if catalogue is None else catalogue.translate(text)
