"""The imports of the package go down the floors of the house, and never in a circle.

Every import counts, those inside functions too; only those that the type checker alone reads are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "moment prediction query errors files isolation language plugins printable progress telemetry logs version",
        "video metrics rewards documents",
        "encoders evidence benchmarks evaluation synthetic",
        "selection grounders",
        "trust training auditing library interchange",
        "commands",
        "server cli",
        "__init__ __main__",  # the face: everything may be reached from here, and nothing reaches for it
    )
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def module_name(path: Path) -> str:
    """`whenabouts.video.clock` for its file; a package has the name of its folder."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def room(module: str) -> str:
    """The part of a module's name that stands in `FLOORS`."""
    return module.split(".")[1]


def run_imports(nodes: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that are carried out when the code runs."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            yield from run_imports(node.orelse)
        else:
            yield from run_imports(ast.iter_child_nodes(node))


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports by name."""
    found: set[str] = set()
    for node in run_imports(ast.parse(path.read_text("utf-8")).body):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            assert not node.level, f"{path}:{node.lineno}: an import says in full where from"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.partition(".")[0] == "whenabouts":
                found.add(
                    next(known for known in (name, name.rpartition(".")[0], "whenabouts.__init__") if known in MODULES)
                )
    return found


GRAPH = {name: imported(path) - {name} for name, path in MODULES.items()}


def test_every_room_has_its_floor() -> None:
    assert {room(name) for name in MODULES} <= FLOOR.keys()
    assert "whenabouts.video" in GRAPH["whenabouts.grounders.similarity"], "imports are read at all"


@pytest.mark.parametrize("name", sorted({room(name) for name in MODULES}))
def test_imports_go_down(name: str) -> None:
    upward = [
        f"{module} imports {other}"
        for module, others in GRAPH.items()
        if room(module) == name
        for other in sorted(others)
        if FLOOR[room(other)] > FLOOR[name]
    ]
    assert upward == []


def test_no_module_imports_itself_through_others() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail("a circle of imports: " + " -> ".join(error.args[1]))


def test_rooms_of_one_floor_do_not_import_each_other_in_a_circle() -> None:
    rooms: dict[str, set[str]] = {room(name): set() for name in MODULES}
    for module, others in GRAPH.items():
        rooms[room(module)] |= {room(other) for other in others} - {room(module)}
    try:
        TopologicalSorter(rooms).prepare()
    except CycleError as error:
        pytest.fail("a circle of rooms: " + " -> ".join(error.args[1]))


def test_the_walk_sees_imports_of_functions_and_passes_over_those_for_types() -> None:
    code = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import b
else:
    import c
def f():
    if True:
        import d
"""
    assert [ast.unparse(node) for node in run_imports(ast.parse(code).body)] == [
        "from typing import TYPE_CHECKING",
        "import c",
        "import d",
    ]


def test_no_room_has_the_name_of_a_function() -> None:
    """Importing a room sets it on the package, where it would take the place of the function."""
    import whenabouts

    assert not FLOOR.keys() & {*whenabouts.__all__}
