"""Evidence bundles: the same answer has the same bytes, every change is found, and a hostile zip can do nothing."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import make_video, read_number
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.commands import Find
from whenabouts.commands.bundle import NAMING
from whenabouts.errors import InputError
from whenabouts.interchange.bundle import read_bundle, verify, write_bundle
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction, Saliency
from whenabouts.video import Video

Contents = dict[str, bytes]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `film.mp4`, whose picture begins at 1 s, and `film.zip`, a bundle about it."""
    folder = tmp_path_factory.mktemp("bundle")
    make_video(folder / "film.mp4", fps=5, seconds=8.0, offset=1.0, audio=(0.0, 9.0))
    with Video(folder / "film.mp4") as video:
        write_bundle(answers(), video, folder / "film.zip", {"model": "similarity"})
    return folder


def answers() -> list[Prediction]:
    said = Moment(2.1, 4.0, 0.9, (Evidence("said", 2.1, 4.0, "Good evening."),))
    curve = Saliency((1.0, 2.0, 3.0, 4.0), (0.1, 0.2, 0.9, 0.3))
    return [
        Prediction("a greeting", (said, Moment(6.0, 9.0, 0.4)), 9.0, 0.9, curve, video="/home/me/film.mp4"),
        Prediction("nothing", (), 9.0, 0.1),
    ]


def contents(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, files: Contents) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_same_answer_has_the_same_bytes_and_is_sound(place: Path, tmp_path: Path) -> None:
    with Video(place / "film.mp4") as video:
        digest = write_bundle(answers(), video, tmp_path / "again.zip", {"model": "similarity"})
        found = verify(place / "film.zip", digest=digest, video=video)
    assert (tmp_path / "again.zip").read_bytes() == (place / "film.zip").read_bytes()
    assert found.sound and found.digest == digest and found.manifest is not None
    manifest, predictions = read_bundle(place / "film.zip")
    assert [each.query for each in predictions] == ["a greeting", "nothing"] and predictions[0].video == "film.mp4"
    assert b"/home/me" not in b"".join(contents(place / "film.zip").values())
    assert manifest.video["name"] == "film.mp4" and manifest.command == {"model": "similarity"}


def test_pictures_are_the_edges_and_the_best_instant(place: Path) -> None:
    files = contents(place / "film.zip")
    manifest = json.loads(files["manifest.json"])
    shows: dict[tuple[int, str], float] = {}
    for row in manifest["frames"]:
        with av.open(io.BytesIO(files[row["file"]])) as picture:
            number = read_number(next(picture.decode(video=0)).to_ndarray(format="rgb24"))
        assert row["time"] == pytest.approx(1 + number / 5, abs=1e-3)
        shows |= {(use["moment"], use["what"]): row["time"] for use in row["shows"]}
    wanted = {
        (0, "start"): 2.0,
        (0, "best"): 3.0,
        (0, "end"): 3.8,
        (1, "start"): 6.0,
        (1, "best"): 7.4,
        (1, "end"): 8.8,
    }
    assert shows == pytest.approx(wanted, abs=1e-3)
    assert json.loads(files["evidence.json"])[0]["moments"][0]["evidence"][0]["text"] == "Good evening."


CHANGES: dict[str, tuple[Callable[[Contents], Any], str]] = {
    "a changed answer": (
        lambda files: files.update({"predictions.json": files["predictions.json"].replace(b"0.9", b"0.8")}),
        "predictions.json was changed",
    ),
    "a removed answer": (lambda files: files.pop("predictions.json"), "predictions.json was removed"),
    "an added file": (lambda files: files.update({"frames/more.png": b"x"}), "frames/more.png was added"),
    "no manifest": (lambda files: files.pop("manifest.json"), "no manifest.json"),
    "another manifest": (lambda files: files.update({"manifest.json": b"{}"}), "is not understood"),
    "a deep manifest": (lambda files: files.update({"manifest.json": b"[" * 100_000}), "is not understood"),
    "a path upwards": (lambda files: files.update({"../../evil": b"x"}), "is not the name of a file"),
    "a path from the root": (lambda files: files.update({"/etc/passwd": b"x"}), "is not the name of a file"),
    "a drive": (lambda files: files.update({"C:/evil": b"x"}), "is not the name of a file"),
    "a folder": (lambda files: files.update({"frames/": b""}), "is not the name of a file"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found(place: Path, tmp_path: Path, change: str) -> None:
    files = contents(place / "film.zip")
    apply, sentence = CHANGES[change]
    apply(files)
    found = verify(zipped(tmp_path / "changed.zip", files))
    assert not found.sound and any(sentence in problem for problem in found.problems), found.problems
    with pytest.raises(InputError):
        read_bundle(tmp_path / "changed.zip")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["changed.zip"]


def test_a_manifest_made_anew_is_found_by_the_digest_alone(place: Path, tmp_path: Path) -> None:
    digest = verify(place / "film.zip").digest
    with Video(place / "film.mp4") as video:
        write_bundle(answers()[:1], video, tmp_path / "forged.zip", {"model": "similarity"})
    assert verify(tmp_path / "forged.zip").sound
    assert "not the one of the digest" in verify(tmp_path / "forged.zip", digest=digest).problems[0]


Remade = Callable[[dict[str, Any], Contents], Any]


def remade(path: Path, out: Path, change: Remade) -> str:
    """A bundle that was changed, with a manifest that says so."""
    files = contents(path)
    manifest = json.loads(files["manifest.json"])
    change(manifest, files)
    for name, entry in manifest["entries"].items():
        entry |= {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
    return str(zipped(out, files | {"manifest.json": json.dumps(manifest, ensure_ascii=False).encode()}))


def swap(manifest: dict[str, Any], files: Contents) -> None:
    one, two = [name for name in files if name.endswith(".png")][:2]
    files[one], files[two] = files[two], files[one]


def other_words(manifest: dict[str, Any], files: Contents) -> None:
    rows = json.loads(files["evidence.json"])
    rows[0]["moments"] = [{"evidence": "x"}]
    files["evidence.json"] = json.dumps(rows).encode()


def picture(files: Contents) -> str:
    return next(name for name in files if name.endswith(".png"))


FORGED: dict[str, tuple[Remade, str]] = {
    "two pictures exchanged": (swap, "is not what the video shows at"),
    "no picture": (lambda m, f: f.update({picture(f): b"not a png"}), "is not what the video shows at"),
    "a short picture": (lambda m, f: f.update({picture(f): f[picture(f)][:-20]}), "is not what the video shows at"),
    "another time": (lambda m, f: m["frames"][0].update(time=0.5), "not 0.5"),
    "time in words": (lambda m, f: m["frames"][0].update(time="x"), "not x"),
    "no such file": (lambda m, f: m["frames"][0].update(file=["x"]), "there is no picture of the video at"),
    "pictures left out": (lambda m, f: m.update(frames=[]), "the pictures are not those of its moments"),
    "other words": (other_words, "evidence.json is not what its answers say"),
    "another length": (lambda m, f: m["video"].update(duration=99), "not 99"),
}


@pytest.mark.parametrize("how", FORGED)
def test_with_the_video_a_forged_bundle_is_found_without_its_digest(place: Path, tmp_path: Path, how: str) -> None:
    change, sentence = FORGED[how]
    forged = Path(remade(place / "film.zip", tmp_path / "forged.zip", change))
    assert verify(forged).sound, "without the video it cannot be seen"
    with Video(place / "film.mp4") as video:
        found = verify(forged, video=video)
    assert not found.sound and all(sentence in problem for problem in found.problems), found.problems


def test_another_video_is_found(place: Path, tmp_path: Path) -> None:
    make_video(tmp_path / "other.mp4", fps=5, seconds=8.0)
    with Video(tmp_path / "other.mp4") as video:
        assert "the video is another one" in verify(place / "film.zip", video=video).problems[0]


def test_links_duplicates_and_bombs_are_found(place: Path, tmp_path: Path) -> None:
    files = contents(place / "film.zip")
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == "evidence.json" else 0o100644) << 16
            archive.writestr(info, content)
    assert any("is a link" in problem for problem in verify(tmp_path / "link.zip").problems)
    with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        for name, content in [*files.items(), ("evidence.json", b"[]")]:
            archive.writestr(name, content)
    assert any("is there 2 times" in problem for problem in verify(tmp_path / "twice.zip").problems)
    manifest = json.loads(files["manifest.json"])
    manifest["entries"]["evidence.json"]["bytes"] = 1 << 40
    bomb = zipped(tmp_path / "bomb.zip", files | {"manifest.json": json.dumps(manifest).encode()})
    assert any("more than the 4 GB" in problem for problem in verify(bomb).problems)
    many = zipped(tmp_path / "many.zip", {f"frames/{k}": b"" for k in range(10_001)})
    assert "more than the 10000 entries" in verify(many).problems[0]
    large = zipped(tmp_path / "large.zip", files | {"manifest.json": b" " * (17 << 20)})
    assert any("cannot be read" in problem for problem in verify(large).problems)


@settings(max_examples=150)
@given(data=st.data())
def test_no_byte_can_be_changed_unseen_and_none_crashes(place: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = (place / "film.zip").read_bytes()
    how = data.draw(st.sampled_from(["flip", "cut", "more", "header"]))
    at = data.draw(st.integers(0, len(whole) - 1))
    other = bytearray(whole)
    if how == "flip":
        other[at] ^= data.draw(st.integers(1, 255))
    elif how == "cut":
        other = other[:at]
    elif how == "more":
        other += bytes(data.draw(st.integers(1, 50)))
    else:
        struct.pack_into("<H", other, len(other) - 12, data.draw(st.integers(0, 65535)))
    path = tmp_path / "other.zip"
    path.write_bytes(bytes(other))
    found = verify(path)
    if found.sound:  # dates and the like say nothing of what is inside
        assert contents(path) == contents(place / "film.zip")


def test_a_user_writes_checks_and_replays(place: Path, tmp_path: Path) -> None:
    video, bundle = str(place / "film.mp4"), str(tmp_path / "answer.zip")
    run = CliRunner()
    options = ["--evidence", "seen", "--device", "cpu"]
    written = run.invoke(app, ["find", video, "white bars", *options, "--bundle", bundle])
    assert written.exit_code == 0 and "digest" in written.output
    digest = verify(Path(bundle)).digest or ""
    assert run.invoke(app, ["verify", bundle, "--video", video, "--digest", digest]).exit_code == 0
    assert run.invoke(app, ["verify", bundle, "--digest", "0" * 64]).exit_code == 1
    again = run.invoke(app, ["replay", bundle, "--video", video, "--json"])
    assert again.exit_code == 0 and json.loads(again.stdout)["same"], again.output
    manifest, predictions = read_bundle(Path(bundle))
    moved = replace(predictions[0], moments=(Moment(1.0, 2.0, 0.5),))
    with Video(video) as opened:
        write_bundle([moved], opened, tmp_path / "moved.zip", manifest.command)
    for forged, sentence in replays(Path(bundle), tmp_path):
        done = run.invoke(app, ["replay", forged, "--video", video, "--json"])
        assert done.exit_code == 1 and any(sentence in each for each in json.loads(done.stdout)["differences"])
    differs = run.invoke(app, ["replay", str(tmp_path / "moved.zip"), "--video", video])
    assert differs.exit_code == 1 and "the moments are [" in differs.output and "1.000–2.000" in differs.output


def replays(bundle: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Bundles that a replay once called the same, and what it says of them."""

    def rows(files: Contents, change: Callable[[dict[str, Any]], Any]) -> None:
        read = json.loads(files["predictions.json"])
        for row in read:
            change(row)
        files["predictions.json"] = json.dumps(read).encode()

    changes: list[tuple[Remade, str]] = [
        (lambda m, f: rows(f, lambda row: row.update(receipt=None)), "it has no receipt"),
        (lambda m, f: rows(f, lambda row: row["receipt"].update(models={"x": "0"})), "x did not take part now"),
        (lambda m, f: rows(f, lambda row: row["receipt"].update(grounder="x")), "answers, not x"),
        (lambda m, f: m.update(version="9.9.9"), "answers, not 9.9.9"),
        (swap, "is not what the video shows at"),
    ]
    for number, (change, sentence) in enumerate(changes):
        yield remade(bundle, folder / f"{number}.zip", change), sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "openai:http://127.0.0.1:9#x"},
        {"model": "/etc"},
        {"encoder": "hub:x"},
        {"reader": "hub:x"},
        {"select": "videoitg:/etc"},
        {"calibrator": "/etc/passwd"},
        {"model": ["similarity"]},
        {"encoder": {"builtin": 1}},
    ],
)
def test_what_a_bundle_names_is_not_loaded_unasked(place: Path, tmp_path: Path, fields: dict[str, Any]) -> None:
    with Video(place / "film.mp4") as video:
        write_bundle(answers(), video, tmp_path / "odd.zip", fields)
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "odd.zip"), "--video", str(place / "film.mp4")])
    assert done.exit_code == 1 and isinstance(done.exception, InputError) and "--trust" in str(done.exception)


def test_every_option_of_free_text_is_known_to_name_files_or_to_be_harmless() -> None:
    """A new option must be put into one of the two."""
    harmless = {"device", "prompting", "budget", "subtitles_encoding"}
    texts = {name for name, field in Find.model_fields.items() if field.annotation in (str, str | None)}
    assert texts == {*NAMING, *harmless}
