/* The words of the video, following the playhead; a click on a line goes to its time. */

import { byId, make } from "./shared/elements.js";
import { kindLabel, kindStyle } from "./shared/kinds.js";
import { covers, seek, onTime } from "./shared/video.js";
import { clock } from "./shared/words.js";
import { say } from "./shared/language.js";

const SCROLL_PAUSE = 4000; // milliseconds after the user scrolled before the list follows again
let lines = [], scrolled = -SCROLL_PAUSE;

export function showWords({ lines: given, complete }) {
  lines = given.map(({ start, end, kind, text }) => {
    const button = make("button", { className: `line ${kindStyle(kind)}`, type: "button" },
      make("span", { className: "time", textContent: clock(start) }), make("span", { className: "text", textContent: text }),
      make("span", { className: "source", textContent: kindLabel(kind) }));
    button.addEventListener("click", (event) => { if (event.detail) button.blur(); seek(start); });
    return { start, end, button };
  });
  byId("lines").replaceChildren(...lines.map(({ button }) => make("li", {}, button)));
  byId("tab-words").textContent = lines.length ? say`Words ${lines.length}` : say`Words`;
  const hint = complete ? say`This video has no words.` : say`Subtitles appear here. Speech and text on screen appear once a query has been answered from them.`;
  if (!lines.length) byId("lines").append(make("li", { className: "invitation", textContent: hint }));
}

for (const name of ["wheel", "touchmove"]) byId("words").addEventListener(name, () => { scrolled = performance.now(); }, { passive: true });

onTime((time) => {
  let first = null;
  for (const line of lines) {
    const now = covers(line, time);
    if (now) first ??= line;
    if (now === line.now) continue;
    line.now = now;
    line.button.classList.toggle("now", now);
  }
  if (first && !byId("words").hidden && performance.now() - scrolled > SCROLL_PAUSE) scrollToLine(first.button);
});
function scrollToLine(button) {
  const list = byId("words"), [box, room] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < room.top + 40 || box.bottom > room.bottom - 60) list.scrollTop += box.top - room.top - room.height / 3;
}

/* The two tabs beside the video */
const tabs = ["answers", "words"];
function showTab(name, { focus = false } = {}) {
  for (const each of tabs) {
    const tab = byId(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    byId(each).hidden = each !== name;
  }
  if (focus) byId(`tab-${name}`).focus();
}
for (const name of tabs) {
  byId(`tab-${name}`).addEventListener("click", () => showTab(name));
  byId(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    showTab(tabs[1 - tabs.indexOf(name)], { focus: true });
  });
}
