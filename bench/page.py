"""The page with a video of two hours, 600 moments and 5,000 lines of words, in a real browser beside a real server.

    python bench/page.py [--quick | --smoke]

A video of one picture a second, with a tone and subtitles beside it, is served by `whenabouts serve`; the moments are
corrections of twelve queries. The same browser first opens an empty page of the same server, on which a click paints
one box. Needs Debian's chromium and Playwright.

Prints a table and a line of JSON. An interaction is told in two ways, as the median of each kind and its worst: `cpu`
is the work of the page's main thread (script, style, layout, paint) from the input until all that follows from it
stands, such as the picture that was sought; `wall` is from the input to the next painted frame, which on a busy machine
is the wait for a turn. `ratio` is the cpu beside that of the empty page. First paint is told in both ways too, `lanes`
is from the request of the page to the frame on which all lanes stand; `heap` is of JavaScript, `tab` what the renderer
process holds alone (private memory). `holds`, whatever else the machine does: the main thread works less than 1 s until
the first paint and less than 50 ms for an interaction, each beyond what the empty page takes, and the tab holds less
than 400 MB.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from _size import parser

PAINT_LIMIT, INPUT_LIMIT, TAB_LIMIT = 1000.0, 50.0, 400.0  # ms, ms, MB
QUERIES = 12
RATE = 8000  # Hz, of the tone
EMPTY = """<!doctype html><title>empty</title><button id="b">paint</button><script>
b.addEventListener("click", () => b.classList.toggle("on"));</script><style>.on { color: red }</style>"""


def make_video(path: Path, seconds: int) -> None:
    """Black pictures, one a second, a keyframe every ten, and a tone that swells each minute."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=1, options={"preset": "ultrafast", "g": "10"})
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        times = np.arange(RATE) / RATE
        for second in range(seconds):
            image = np.full((90, 160, 3), second % 200, np.uint8)
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts, picture.time_base = second, Fraction(1)
            out.mux(video.encode(picture))
            tone = (second % 60) / 60 * np.sin(2 * np.pi * 220 * times)
            samples = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], format="fltp", layout="mono")
            samples.sample_rate, samples.pts, samples.time_base = RATE, second * RATE, Fraction(1, RATE)
            out.mux(sound.encode(samples))
        out.mux([*video.encode(None), *sound.encode(None)])


def make_words(path: Path, seconds: int, count: int) -> None:
    """`count` subtitles, evenly spread."""
    step = seconds / count

    def stamp(time: float) -> str:
        ms = round(1000 * time)
        return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    cues = (
        f"{k + 1}\n{stamp(k * step)} --> {stamp((k + 0.9) * step)}\nLine {k} of what is said about the weather.\n"
        for k in range(count)
    )
    path.write_text("\n".join(cues), encoding="utf-8")


@contextmanager
def served(folder: Path, data: Path) -> Iterator[str]:
    """The address of a server that shows a folder."""
    command = [sys.executable, "-m", "whenabouts", "serve", str(folder), "--data", str(data), "--port", "0"]
    environment = os.environ | {"WHENABOUTS_CACHE": str(data / "cache")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    found = re.search(r"http://[^\s?]+", process.stdout.readline())
    assert found, "the server did not start"
    try:
        yield found[0].rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def mark(address: str, video: str, seconds: int, moments: int) -> None:
    """Save the moments as corrections, spread over the queries; every tenth lasts four seconds."""
    with httpx.Client(base_url=address, timeout=60) as client:
        for query in range(QUERIES):
            starts = np.linspace(query, seconds - 60, moments // QUERIES)
            windows = [[float(start), float(start) + (4 if k % 10 == 0 else 30)] for k, start in enumerate(starts)]
            body = {"query": f"query number {query}", "annotator": "me", "windows": windows}
            client.put(f"/api/videos/{video}/annotations", json=body).raise_for_status()


SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  do await frame(); while (document.querySelector("video")?.seeking);
  await frame();
  await new Promise((done) => setTimeout(done));
}"""


def wait(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids Playwright's way of waiting inside it."""
    end = time.monotonic() + 120
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def after_input(page: Any, act: Callable[[], None]) -> float:
    """Milliseconds from an input to the frame after it, as the page itself measures."""
    page.evaluate("""() => { window.took = null; const heard = (event) => { const began = event.timeStamp;
      if (event.key === "Control") return;
      requestAnimationFrame(() => { const port = new MessageChannel();
        port.port1.onmessage = () => { window.took ??= performance.now() - began; }; port.port2.postMessage(0); });
      for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) removeEventListener(name, heard, true); };
      for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(name, heard, true); }""")
    act()
    wait(page, "window.took !== null")
    return float(page.evaluate("window.took"))


class MainThread:
    """What the main thread of a page has worked, which no other program of the machine adds to."""

    def __init__(self, page: Any) -> None:
        self._page, self._session = page, page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def milliseconds(self) -> float:
        """The work so far."""
        told = {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(told["TaskDuration"])

    def settle(self) -> None:
        """Wait until what was begun is painted."""
        self._page.evaluate(SETTLED)

    def interaction(self, act: Callable[[], None]) -> tuple[float, float]:
        """The work for an input in milliseconds, and the time until the frame after it."""
        self.settle()
        before = self.milliseconds()
        wall = after_input(self._page, act)
        self.settle()
        return self.milliseconds() - before, wall


def private_memory(pid: int) -> float:
    """Megabytes that a process holds alone."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    kilobytes = sum(int(found) for found in re.findall(r"^Private_\w+:\s+(\d+)", rollup, re.M))
    return kilobytes * 1024 / 1e6


def renderers(browser: Any) -> set[int]:
    """The processes of the browser that show pages."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return {each["id"] for each in told if each["type"] == "renderer"}


def first_paint(page: Any) -> float:
    """Milliseconds from the request of the page to the first paint of its content."""
    script = (
        """() => performance.getEntriesByType('paint').find(({name}) => name === 'first-contentful-paint')?.startTime"""
    )
    wait(page, f"({script})() !== undefined")
    return float(page.evaluate(script))


def measure(address: str, video: str, moments: int, rounds: int) -> dict[str, Any]:
    """The figures of the page beside those of an empty one, in one browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        short: dict[str, str | float | bool] = {
            **os.environ,
            "TMPDIR": "/tmp",
        }  # its socket lies there, whose path may have 107 characters
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=flags, env=short)
        empty = browser.new_page(viewport={"width": 1440, "height": 900})
        empty.route("**/empty", lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
        thread = MainThread(empty)
        empty.goto(f"{address}/empty")
        plain_paint, plain_load = first_paint(empty), thread.milliseconds()
        thread.interaction(lambda: empty.locator("#b").click())  # the first of a browser takes longer
        plain = [thread.interaction(lambda: empty.locator("#b").click()) for _ in range(rounds)]
        empty.close()
        before = renderers(browser)

        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        began = time.perf_counter()
        thread = MainThread(page)
        page.goto(f"{address}/#video={video}", wait_until="commit")
        paint = first_paint(page)
        load = thread.milliseconds()
        wait(page, f"document.querySelectorAll('.moment').length >= {moments}")
        lanes = 1000 * (time.perf_counter() - began)
        wait(page, "document.querySelectorAll('.strip img').length > 5")
        page.locator("#tab-words").click()
        page.wait_for_timeout(2000)

        inputs = {kind: [thread.interaction(act) for _ in range(rounds)] for kind, act in acts(page).items()}
        page.locator("#tab-answers").click()
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(1000)
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        tab = max(private_memory(pid) for pid in renderers(browser) - before or renderers(browser))
        nodes = page.evaluate("document.querySelectorAll('*').length")
        browser.close()
    usual, *told = (
        {"cpu": statistics.median(cpu), "wall": statistics.median(wall), "cpu_worst": max(cpu), "wall_worst": max(wall)}
        for cpu, wall in (zip(*each, strict=True) for each in (plain, *inputs.values()))
    )
    kinds = dict(zip(inputs, told, strict=True))
    quick = all(each["cpu"] - usual["cpu"] < INPUT_LIMIT for each in kinds.values())
    return {
        "paint_ms": paint,
        "paint_cpu_ms": load,
        "empty_paint_ms": plain_paint,
        "empty_paint_cpu_ms": plain_load,
        "lanes_ms": lanes,
        "empty_input_ms": usual,
        "input_ms": kinds,
        "heap_mb": heap,
        "tab_mb": tab,
        "elements": nodes,
        "load": os.getloadavg()[0],
        "holds": load - plain_load < PAINT_LIMIT and tab < TAB_LIMIT and quick,
    }


def acts(page: Any) -> dict[str, Callable[[], None]]:
    """What a person does, by name."""
    keys, corrections = iter("+-" * 1000), iter("au" * 1000)
    bars = iter([*range(0, 500, 7)] * 20)
    lane = page.locator("#overlay").bounding_box()
    ruler = page.locator("#ruler").bounding_box()
    moments = page.locator(".moment").count()  # once: the search for them is no work of the page

    def select() -> None:
        page.evaluate(
            """number => {
              const line = document.getElementsByClassName("moment")[number];
              line.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
              line.click();
              document.querySelector("video").pause();
            }""",
            next(bars) % moments,
        )

    def scrub() -> None:
        page.mouse.click(lane["x"] + lane["width"] * (next(bars) % 97) / 97, ruler["y"] + 8)

    def wheel() -> None:
        page.keyboard.down("Control")
        page.mouse.wheel(0, -20)
        page.keyboard.up("Control")

    def nudge() -> None:
        page.keyboard.press("ArrowRight")

    return {
        "zoom by a key": lambda: page.keyboard.press(next(keys)),
        "step a frame": lambda: page.keyboard.press("."),
        "click on the ruler": scrub,
        "select a moment": select,
        "confirm it, take it back": lambda: page.keyboard.press(next(corrections)),
        "next moment": lambda: page.keyboard.press("]"),
        "copy the timecode": lambda: page.keyboard.press("t"),
        "one second on": nudge,
        "scroll the lanes": lambda: page.mouse.wheel(0, 40),
        "zoom by the wheel": wheel,
    }


def main() -> None:
    """Print the figures."""
    size = parser(__doc__ or "").parse_args().size
    seconds, moments, lines, rounds = size.pick((7200, 600, 5000, 15), (1800, 600, 5000, 7), (60, 24, 50, 1))
    with tempfile.TemporaryDirectory() as folder:
        videos, data = Path(folder) / "videos", Path(folder) / "data"
        videos.mkdir()
        make_video(videos / "long.mp4", seconds)
        make_words(videos / "long.srt", seconds, lines)
        with served(videos, data) as address:
            listed = httpx.get(f"{address}/api/videos", timeout=60).json()["videos"]
            mark(address, listed[0]["id"], seconds, moments)
            figures = measure(address, listed[0]["id"], moments, rounds)
    columns = ("cpu", "cpu_worst", "wall", "wall_worst")
    print(f"{'milliseconds':26}{'cpu':>8}{'worst':>8}{'wall':>8}{'worst':>8}{'ratio':>8}")
    usual = figures["empty_input_ms"]
    for kind, each in {"empty page": usual, **figures["input_ms"]}.items():
        print(f"{kind:26}" + "".join(f"{each[name]:8.1f}" for name in columns) + f"{each['cpu'] / usual['cpu']:8.1f}")
    print(
        f"first paint: cpu {figures['paint_cpu_ms']:.0f} ms (empty {figures['empty_paint_cpu_ms']:.0f}), "
        f"wall {figures['paint_ms']:.0f} ms (empty {figures['empty_paint_ms']:.0f}); lanes {figures['lanes_ms']:.0f} ms"
    )
    print(f"heap {figures['heap_mb']:.0f} MB, tab {figures['tab_mb']:.0f} MB, {figures['elements']} elements")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
