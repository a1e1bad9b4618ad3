"""A bill of materials for each file of requirements/: `python scripts/sbom.py FOLDER` writes CycloneDX 1.5 into it.

Packages come with the version and the sha256 of every file that pip may install, as locked; licences as the metadata of
those installed here states them; models, which run code of their own kind, with the sha256 that is compared when they
are loaded. The same lock gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from licences import licence

from whenabouts.commands.checks.models import PINS
from whenabouts.version import __version__

REQUIREMENTS = Path(__file__).parents[1] / "requirements"
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(.*?))?\s*(?:--hash|$)")


def packages(lock: Path) -> list[dict[str, Any]]:
    """A component for every pin of a lock; one that is for some systems alone says which."""
    found = []
    for line in lock.read_text("utf-8").replace("\\\n", " ").splitlines():
        if not (pin := PIN.match(line)):
            continue
        name, version, marker = pin.groups()
        purl = f"pkg:pypi/{name}@{version}"
        properties = [{"name": "pip:file:sha256", "value": value} for value in HASH.findall(line)]
        properties += [{"name": "pip:marker", "value": marker}] if marker else []
        component = {"type": "library", "bom-ref": f"{purl}{'#' + marker if marker else ''}", "name": name}
        component |= {"version": version, "purl": purl, "properties": properties}
        with suppress(PackageNotFoundError):
            component["licenses"] = [{"license": {"name": licence(distribution(name))}}]
        found.append(component)
    return found


def models(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The models inside the package, and inside packages of this lock."""
    names = {component["name"] for component in components} | {"whenabouts"}
    return [
        {
            "type": "machine-learning-model",
            "bom-ref": f"model:{file}",
            "name": file,
            "description": f"{purpose}; in {pin.package}",
            "hashes": [{"alg": "SHA-256", "content": sha256}],
        }
        for purpose, (pin, _) in PINS.items()
        if {each.partition("==")[0] for each in pin.package.split()} <= names
        for file, sha256 in pin.sha256.items()
    ]


def bill(lock: Path) -> dict[str, Any]:
    """The whole document for a lock."""
    found = packages(lock)
    components = found + models(found)
    root = {"type": "application", "bom-ref": "whenabouts", "name": "whenabouts", "version": __version__}
    root |= {"purl": f"pkg:pypi/whenabouts@{__version__}", "licenses": [{"license": {"id": "Apache-2.0"}}]}
    content = json.dumps([root, components], sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": root},
        "components": components,
    }


def main() -> None:
    """Write one file for each lock."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for lock in sorted(REQUIREMENTS.glob("*.txt")):
        path = folder / f"whenabouts-{lock.stem}.cdx.json"
        path.write_text(json.dumps(bill(lock), indent=1) + "\n", "utf-8")
        print(path)


if __name__ == "__main__":
    main()
