r"""Rebuild what the embedded encoder knows about words: anchors of ImageNet's classes, of their groups, and of scenes.

    pip download --no-deps timm && unzip timm-*.whl 'timm/data/_info/*'
    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb .
    python scripts/export_classes.py timm/data/_info/imagenet_synsets.txt usr/share/wordnet/data.noun \
        src/whenabouts/encoders/weights/imagenet-classes.npz

ImageNet's class ids are offsets in WordNet 3.0. A group is a hypernym that covers 2 to 500 classes ("dog",
"vehicle"), or a scene of `builtin_scenes.toml`. An anchor is the mean direction of a few ways to name a thing, seen
from the mean of all classes. The file holds `anchors` (1000 + G, 384) float16 of unit length; `sizes` (G,) of the
groups and `members`, the classes of all groups in turn; `scenes`, how many of the G groups are scenes (they come
last); `generic` (384,), the mean of sentences that name nothing in particular; and `names`.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.minilm import SentenceEncoder

SCENES = Path(__file__).with_name("builtin_scenes.toml")
GENERIC = (
    "a person is doing something",
    "a man is talking",
    "a woman walks",
    "a view of a place",
    "something happens in the video",
    "a close-up of an object",
    "a scene in a video",
    "people are in a room",
    "two people talk to each other",
    "a person holds a thing",
    "an outdoor scene",
    "a picture of something big",
    "the camera moves",
    "someone looks at something",
    "a photo of a small thing",
)


class Synset(NamedTuple):
    """One meaning: its names, its gloss without examples, and the ids of what it is a kind of."""

    names: list[str]
    gloss: str
    kinds: list[str]


def wordnet(path: Path) -> dict[str, Synset]:
    """The nouns of a WordNet 3.0 `data.noun` by ImageNet id; the format is that of the manual page wndb(5)."""
    nouns = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("  "):
            continue
        facts, _, gloss = line.partition(" | ")
        fields = facts.split()
        count = int(fields[3], 16)
        names = [name.replace("_", " ") for name in fields[4 : 4 + 2 * count : 2]]
        pointers = fields[5 + 2 * count :]
        kinds = [f"n{pointers[i + 1]}" for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")]
        nouns[f"n{fields[0]}"] = Synset(names, gloss.split(";")[0].strip(" ()"), kinds)
    return nouns


def ancestors(nouns: dict[str, Synset], noun: str) -> list[str]:
    """Everything that `noun` is a kind of, nearest first."""
    found: list[str] = []
    queue = list(nouns[noun].kinds)
    while queue:
        kind = queue.pop(0)
        if kind not in found:
            found.append(kind)
            queue += nouns[kind].kinds
    return found


def hypernyms(nouns: dict[str, Synset], classes: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Groups of classes by hypernym; of several that cover the same classes, the most specific."""
    covered: dict[str, NDArray[np.bool_]] = {}
    for index, noun in enumerate(classes):
        for kind in ancestors(nouns, noun):
            covered.setdefault(kind, np.zeros(len(classes), dtype=bool))[index] = True
    groups: dict[bytes, str] = {}
    for kind, members in covered.items():
        rival = groups.get(members.tobytes())
        if 2 <= members.sum() <= 500 and (rival is None or len(ancestors(nouns, kind)) > len(ancestors(nouns, rival))):
            groups[members.tobytes()] = kind
    return {kind: covered[kind] for kind in groups.values()}


def scenes(nouns: dict[str, Synset], classes: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """The groups of `builtin_scenes.toml`; a class is found by its first name, else by any."""
    found = {}
    for scene, members in tomllib.loads(SCENES.read_text("utf-8")).items():
        found[scene] = np.zeros(len(classes), dtype=bool)
        for name in members:
            first = [i for i, noun in enumerate(classes) if nouns[noun].names[0].lower() == name.lower()]
            known = first or [i for i, noun in enumerate(classes) if name in nouns[noun].names]
            if not known:
                raise SystemExit(f"{SCENES}: {scene!r} names {name!r}, which is not an ImageNet class")
            found[scene][known] = True
    return found


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length one."""
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("synsets", type=Path)
    parser.add_argument("nouns", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    nouns, classes = wordnet(arguments.nouns), arguments.synsets.read_text().split()
    encode = SentenceEncoder().encode
    groups, places = hypernyms(nouns, classes), scenes(nouns, classes)
    leaves = [nouns[noun] for noun in classes]
    kinds = [nouns[noun] for noun in groups]
    ways = (
        [f"a photo of a {leaf.names[0]}" for leaf in leaves],
        [f"{leaf.names[0]}, a kind of {nouns[leaf.kinds[0]].names[0]}" for leaf in leaves],
        [", ".join(leaf.names) for leaf in leaves],
    )
    of_leaves = unit(sum(encode(way) for way in ways))
    of_kinds = unit(
        encode([", ".join(kind.names) for kind in kinds]) + encode([f"{k.names[0]}: {k.gloss}" for k in kinds])
    )
    anchors = unit(np.concatenate([of_leaves, of_kinds, encode(list(places))]) - of_leaves.mean(axis=0))
    together = np.stack([*groups.values(), *places.values()])
    np.savez_compressed(
        arguments.output,
        anchors=anchors.astype(np.float16),
        members=np.nonzero(together)[1].astype(np.uint16),
        sizes=together.sum(axis=1).astype(np.uint16),
        scenes=np.array(len(places)),
        generic=encode(GENERIC).mean(axis=0),
        names=np.array([thing.names[0] for thing in (*leaves, *kinds)] + list(places)),
    )
    print(f"{arguments.output}: {len(leaves)} classes, {len(groups)} hypernyms, {len(places)} scenes")


if __name__ == "__main__":
    main()
