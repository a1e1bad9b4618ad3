"""What is passed on with the package and what it stands on: licences, a bill of materials, known vulnerabilities."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from whenabouts.commands.checks.models import PINS

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
LICENCES = runpy.run_path(str(SCRIPTS / "licences.py"))


def test_every_locked_package_has_its_licence_on_the_page() -> None:
    listed = re.findall(r"^\| ([A-Za-z0-9._-]+) \|", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.MULTILINE)
    assert listed[0] == "package" and listed[1:] == LICENCES["locked"](), "run scripts/licences.py --update"


def test_the_notice_names_what_the_wheel_of_pyav_brings_under_the_gpl() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    carried = LICENCES["bundled"](distribution("av"))
    if not carried:
        pytest.skip("PyAV was not installed from a wheel")
    for library in ("x264", "x265"):
        assert (library in carried) <= (f"lib{library}" in notice)
    assert {"avcodec", "x264", "x265"} <= set(carried), "the notice speaks of more than there is"


def test_libraries_are_found_wherever_a_wheel_has_them() -> None:
    found = {name: LICENCES["bundled"](distribution(name)) for name in ("av", "numpy", "onnxruntime")}
    assert "avcodec" in found["av"] and "onnxruntime" in found["onnxruntime"]
    assert not [name for names in found.values() for name in names if "cpython" in name or name.startswith("_")]
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    assert "| espeak" in page and "| sndfile" in page


def test_every_model_is_named_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    packages = {name.partition("==")[0] for pin, _ in PINS.values() for name in pin.package.split()} - {"whenabouts"}
    assert [name for name in packages if name not in notice] == []
    assert [name for name in PINS["pictures"][0].sha256 if name not in notice] == []


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bills of materials by the name of their lock, made twice: the same bytes."""
    made = []
    for _ in range(2):
        folder = tmp_path_factory.mktemp("sbom")
        subprocess.run([sys.executable, str(SCRIPTS / "sbom.py"), str(folder)], check=True, env=dict(os.environ))
        made.append({path.name.split("-")[1].partition(".")[0]: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    return {name: json.loads(content) for name, content in made[0].items()}


@pytest.mark.parametrize("lock", ["core", "server", "all"])
def test_a_bill_of_materials_has_every_pin_and_every_hash(bills: dict[str, Any], lock: str) -> None:
    bill, text = bills[lock], (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    libraries = [each for each in bill["components"] if each["type"] == "library"]
    assert [f"{each['name']}=={each['version']}" for each in libraries] == re.findall(
        r"^([\w.-]+==[^\s;\\]+)", text, re.MULTILINE
    )
    hashes = [each["value"] for one in libraries for each in one["properties"] if each["name"] == "pip:file:sha256"]
    assert hashes == re.findall(r"--hash=sha256:([0-9a-f]{64})", text)
    references = [each["bom-ref"] for each in bill["components"]]
    assert len(set(references)) == len(references), "CycloneDX wants each of them once"


def test_the_bill_has_every_model_that_a_lock_installs(bills: dict[str, Any]) -> None:
    named = {
        lock: {each["name"] for each in bill["components"] if each["type"] == "machine-learning-model"}
        for lock, bill in bills.items()
    }
    assert named["all"] == {name for pin, _ in PINS.values() for name in pin.sha256}
    assert {"efficientnet-lite0.onnx", "model.onnx"} <= named["core"] < named["server"]
    assert "model.bin" not in named["core"] and "model.bin" in named["server"]


def test_an_audit_without_its_tool_or_a_network_says_so_and_does_not_fail(tmp_path: Path) -> None:
    """A stand-in that fails as pip-audit does where there is no network."""
    run = [sys.executable, str(SCRIPTS / "audit.py"), "requirements/core.txt"]
    (tmp_path / "pip_audit.py").write_text(
        "import sys; sys.exit('requests.exceptions.ConnectionError: Max retries exceeded with url: /pypi/av/json')"
    )
    for path in ("", str(tmp_path)):
        done = subprocess.run(run, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path})
        assert done.returncode == 0 and done.stdout.startswith("not audited: ")
    (tmp_path / "pip_audit.py").write_text("print('av 18.0.0 CVE-1'); raise SystemExit(1)")
    done = subprocess.run(
        run, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == 1 and "CVE-1" in done.stdout
