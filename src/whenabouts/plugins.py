"""Named parts: a plain dict of what comes with the package, and what other packages add to it.

A room writes its dict out, so that grep finds every name, and says which entry points belong to it:

    ENCODERS: Registry[type[Encoder]] = Registry(
        "encoder", "whenabouts.encoders", {"builtin": "whenabouts.encoders.builtin:BuiltinEncoder"}
    )

A value is the part itself, or "module:attribute" for one that is heavy and loads when it is first asked for. Another
package adds a part of its own in its pyproject.toml, and installing it is all that is needed:

    [project.entry-points."whenabouts.encoders"]
    mine = "my_package:MyEncoder"
"""

from __future__ import annotations

import sys
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from whenabouts.errors import InputError, MissingExtra, PluginError, WhenaboutsError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Registry", "choose", "lazily", "resolve"]

Part = TypeVar("Part")

EXTRAS = {"torch": "train", "scipy": "train"}  # libraries that modules of our parts import, and the extra with each


def resolve(part: str) -> Any:
    """What "module:attribute" names; the module is imported for it.

    >>> resolve("math:tau")
    6.283185307179586
    """
    module, _, attribute = part.partition(":")
    return getattr(import_module(module), attribute)


def lazily(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose `names`, each "module:attribute", are imported when they are first used.

    >>> lazily("numbers", {"tau": "math:tau"})("tau")
    6.283185307179586
    """

    def attribute(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = resolve(names[name])
        if package in sys.modules:
            setattr(sys.modules[package], name, value)  # so that it is asked for once
        return value

    return attribute


def choose(parts: Mapping[str, Part], name: str, kind: str, error: type[WhenaboutsError] = InputError) -> Part:
    """The part of that name. Raises `error` with the names there are; `kind` says what one part is."""
    if name not in parts:
        raise error(f"unknown {kind} {name!r}; choose one of: {', '.join(parts)}")
    return parts[name]


class Registry(Mapping[str, Part], Generic[Part]):
    """Parts by name: those of the package in the order of its dict, then those of plugins by name.

    A broken plugin raises PluginError where it is asked for by its name. `usable`, `items` and `values` leave it out,
    so that it takes nothing else with it.

    kind:  what one part is, in the words of an error message
    group: the entry points that add parts
    fits:  whether what an entry point names can be such a part
    error: raised by `named` for a name that is unknown
    """

    def __init__(
        self,
        kind: str,
        group: str,
        own: Mapping[str, Part | str],
        *,
        fits: Callable[[Any], bool] = lambda part: True,
        error: type[WhenaboutsError] = InputError,
    ) -> None:
        self.kind, self.group, self.own, self.fits, self.error = kind, group, dict(own), fits, error
        self._left_out: set[str] = set()

    @cached_property
    def plugins(self) -> dict[str, EntryPoint]:
        """Entry points of other packages. A plugin cannot take the place of a part that comes with the package."""
        from importlib.metadata import entry_points  # a third of the time that importing the package takes

        found = sorted(entry_points(group=self.group), key=lambda point: point.name)
        return {point.name: point for point in found if point.name not in self.own}

    def __getitem__(self, name: str) -> Part:
        if name in self.own:
            part = self.own[name]
            if isinstance(part, str):
                part = self.own[name] = self._resolve(name, part)
            return part
        return self._load(self.plugins[name])

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from self.plugins

    def __len__(self) -> int:
        return len(self.own) + len(self.plugins)

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.plugins

    def usable(self) -> Iterator[str]:
        """The names, but for those of broken plugins; each of these is told of once, by a warning in the log."""
        yield from self.own
        for name, point in self.plugins.items():
            if name in self._left_out:
                continue
            try:
                self._load(point)
            except PluginError as error:
                import logging  # like entry points, only where it is needed

                self._left_out.add(name)
                logging.getLogger(__name__).warning("%s", error)
            else:
                yield name

    def items(self) -> ItemsView[str, Part]:
        """The `usable` parts with their names, each loaded when it is reached."""
        return _Items(self)

    def values(self) -> ValuesView[Part]:
        """The `usable` parts, each loaded when it is reached."""
        return _Values(self)

    def named(self, name: str) -> Part:
        """The part of that name.

        Raises `error` with the names there are, MissingExtra, PluginError for a plugin that is broken.
        """
        return choose(self, name, self.kind, self.error)

    def _resolve(self, name: str, part: str) -> Part:
        try:
            return cast(Part, resolve(part))
        except ModuleNotFoundError as error:
            if extra := EXTRAS.get((error.name or "").partition(".")[0]):
                raise MissingExtra(extra, f"the {self.kind} {name!r}") from error
            raise

    def _load(self, point: EntryPoint) -> Part:
        try:
            part = point.load()
            fits = self.fits(part)
        except Exception as error:  # code of another package fails in any way it likes
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise self._broken(point, reason) from error
        if not fits:
            raise self._broken(point, f"{point.value} is not a {self.kind}")
        return cast(Part, part)

    def _broken(self, point: EntryPoint, reason: str) -> PluginError:
        origin = f" of the package {point.dist.name}" if point.dist else ""
        return PluginError(
            f"the {self.kind} {point.name!r}{origin} cannot be loaded ({reason}); update that package or remove it"
        )


class _Items(ItemsView[str, Part]):
    def __init__(self, registry: Registry[Part]) -> None:
        super().__init__(registry)
        self.registry = registry

    def __iter__(self) -> Iterator[tuple[str, Part]]:
        return ((name, self.registry[name]) for name in self.registry.usable())


class _Values(ValuesView[Part]):
    def __init__(self, registry: Registry[Part]) -> None:
        super().__init__(registry)
        self.registry = registry

    def __iter__(self) -> Iterator[Part]:
        return (self.registry[name] for name in self.registry.usable())
