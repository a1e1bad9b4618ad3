"""Files whose bytes are known: models of this package and of those that it needs. Others in their place are refused.

Such a model decides what is found, and its reader runs native code on it, so it is compared whenever it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from whenabouts.errors import ModelError
from whenabouts.files.content import content_sha256

__all__ = ["Pinned"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """Files of one model in an installed package, by name, with the sha256 of each.

    what:    the model, as a sentence names it
    package: the requirement that installs the files
    module:  in whose folder `within` they lie
    """

    what: str
    package: str
    module: str
    sha256: dict[str, str]
    within: str = ""

    @property
    def folder(self) -> Path:
        """Where the files lie. Raises ModelError where the package is not installed."""
        spec = find_spec(self.module)
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(f"{self.what} is not installed: pip install {self.package}")
        return Path(spec.submodule_search_locations[0]) / self.within

    def file(self, name: str) -> Path:
        """A file of the installed package, which holds the pinned bytes. Raises ModelError."""
        return self.checked(self.folder / name)

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
