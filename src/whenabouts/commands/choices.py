"""Names of a registry as a field's choices: what plugins add is a choice too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from whenabouts.plugins import resolve
from whenabouts.printable import encodable

__all__ = ["ONLY", "EvidenceName", "Font", "OneOf"]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Says of a string that it is a name in a registry, which is imported when the first value is checked.

    registry: "module:attribute"        kind: what one name is of, in the words of an error message
    """

    registry: str
    kind: str

    @property
    def names(self) -> Collection[str]:
        """The choices."""
        return list(resolve(self.registry))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"enum": self.names}

    def _check(self, name: str) -> str:
        if name not in self.names:
            raise PydanticCustomError(
                "one_of",
                "unknown {kind} '{name}'; choose from: {names}",
                {"kind": self.kind, "name": encodable(name), "names": ", ".join(self.names)},
            )
        return name


EvidenceName = Annotated[str, OneOf("whenabouts.evidence:KINDS", "evidence kind")]
ONLY = (
    "Moments to take: likely leaves out what is probably not in the video, confirmed takes what a person marked, all "
    "leaves nothing out."
)
Font = Annotated[
    Path | None,
    Field(description="TrueType font for PDF. Default: one of the system, and the readers' own for Asian scripts."),
]
