"""Evidence bundles: an answer with all that justifies it, in one file that can be checked and asked again.

A bundle is a zip of `manifest.json`, `predictions.json`, `evidence.json` and pictures under `frames/`. The manifest has
the sha256 of every other entry; the sha256 of the manifest itself is the *digest* of the bundle, which is to be kept
somewhere else: with it any change is found, without it only one that was not made everywhere.
"""

from whenabouts.interchange.bundle.manifest import Manifest
from whenabouts.interchange.bundle.pictures import unlike
from whenabouts.interchange.bundle.verify import Verification, read_bundle, verify
from whenabouts.interchange.bundle.write import write_bundle

__all__ = ["Manifest", "Verification", "read_bundle", "unlike", "verify", "write_bundle"]
