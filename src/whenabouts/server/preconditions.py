"""Preconditions of a change, as RFC 9110 has them: nobody replaces what they have not seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Header

from whenabouts.server.http_refusal import HTTPRefusal

__all__ = ["Preconditions", "PreconditionsDep", "etag"]

TAG = re.compile(r'(?:^|,)\s*("[^"]*")\s*(?=,|$)')  # strong ones: a weak one matches nothing here


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


def etag(version: int) -> str:
    """The ETag of a version.

    >>> etag(17)
    '"17"'
    """
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The headers If-Match and If-None-Match of a request, as they were sent."""

    match: str | None = None
    none_match: str | None = None

    def check(self, known: _Versioned | None) -> None:
        """Whether what exists, or does not, may be changed. Raises HTTPRefusal: 412 if not, 428 if nobody says."""
        if self.match is not None:
            self._check_match(known)
        elif known is not None and self.none_match is None:
            raise HTTPRefusal(
                428, "this annotation exists already; send If-Match with its ETag, or * to replace it whatever it is"
            )
        if self.none_match is not None and known is not None and self._names(self.none_match, known):
            raise HTTPRefusal(412, "this annotation exists already; read it, and send If-Match with its ETag")

    def _check_match(self, known: _Versioned | None) -> None:
        assert self.match is not None
        if known is None:
            raise HTTPRefusal(412, "this annotation was deleted meanwhile; send If-None-Match: * to make it anew")
        if not self._names(self.match, known):
            raise HTTPRefusal(
                412,
                "this annotation was changed meanwhile; read it again, and send If-Match with its ETag",
                ETag=etag(known.version),
            )

    @staticmethod
    def _names(header: str, known: _Versioned) -> bool:
        return header.strip() == "*" or etag(known.version) in TAG.findall(header)


async def _preconditions(
    match: Annotated[str | None, Header(alias="If-Match", max_length=2000)] = None,
    none_match: Annotated[str | None, Header(alias="If-None-Match", max_length=2000)] = None,
) -> Preconditions:
    return Preconditions(match, none_match)


PreconditionsDep = Annotated[Preconditions, Depends(_preconditions)]
