"""`whenabouts pack RUN`: a trained head in a folder for others."""

from __future__ import annotations

import sys

from whenabouts.cli.options import takes
from whenabouts.commands import Pack
from whenabouts.language import translate


@takes(Pack, arguments=["model"])
def pack(command: Pack) -> None:
    """Write a folder with a trained head and a model card, which `find --model FOLDER` takes, and a hub too.

    Nothing is uploaded; the command that would do it is printed.
    """
    packed = command.run()
    if packed.difference is not None:
        print(translate(f"model.onnx: at most {packed.difference:.1g} from torch"), file=sys.stderr)
    print(translate(f"wrote {packed.folder}; to upload it: {packed.push}"), file=sys.stderr)
