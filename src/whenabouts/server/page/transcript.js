/* What is said and written, following the playhead; a click on a line goes there. */

import { at, make } from "./shared/elements.js";
import { covers, seek, whenever } from "./shared/video.js";
import { clock } from "./shared/words.js";

const REST = 4000; // milliseconds after a hand scrolled before the list follows again
let lines = [], scrolled = -REST;

export function transcribe({ lines: told, complete }) {
  lines = told.map(({ start, end, kind, text }) => {
    const button = make("button", { className: `line ${kind}`, type: "button" },
      make("span", { className: "time", textContent: clock(start) }), make("span", { className: "text", textContent: text }),
      make("span", { className: "source", textContent: kind }));
    button.addEventListener("click", (event) => { if (event.detail) button.blur(); seek(start); });
    return { start, end, button };
  });
  at("lines").replaceChildren(...lines.map(({ button }) => make("li", {}, button)));
  at("tab-words").textContent = lines.length ? `Words ${lines.length}` : "Words";
  const hint = complete ? "Nothing is said or written in this video." : "Subtitles appear here, and what is said and written on screen once a question has had it read.";
  if (!lines.length) at("lines").append(make("li", { className: "invitation", textContent: hint }));
}

for (const name of ["wheel", "touchmove"]) at("words").addEventListener(name, () => { scrolled = performance.now(); }, { passive: true });

whenever((time) => {
  let first = null;
  for (const line of lines) {
    const now = covers(line, time);
    if (now) first ??= line;
    if (now === line.now) continue;
    line.now = now;
    line.button.classList.toggle("now", now);
  }
  if (first && !at("words").hidden && performance.now() - scrolled > REST) bring(first.button);
});
function bring(button) {
  const list = at("words"), [box, room] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < room.top + 40 || box.bottom > room.bottom - 60) list.scrollTop += box.top - room.top - room.height / 3;
}

/* The two tabs beside the video */
const tabs = ["answers", "words"];
export function turn(name, { focus = false } = {}) {
  for (const each of tabs) {
    const tab = at(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    at(each).hidden = each !== name;
  }
  if (focus) at(`tab-${name}`).focus();
}
for (const name of tabs) {
  at(`tab-${name}`).addEventListener("click", () => turn(name));
  at(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    turn(tabs[1 - tabs.indexOf(name)], { focus: true });
  });
}
