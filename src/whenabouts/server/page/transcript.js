/* The words of the video, line by line under their speakers, following the playhead; a click on a line goes to its time.
 * Lines stand in blocks that the browser lays out only when they come into view, so that thousands of them cost nothing. */

import { byId, make } from "./shared/elements.js";
import { kindLabel, kindStyle } from "./shared/kinds.js";
import { covers, EPSILON, seek, onTime } from "./shared/video.js";
import { clock } from "./shared/words.js";
import { say } from "./shared/language.js";

const SCROLL_PAUSE = 4000; // milliseconds after the user scrolled before the list follows again
const BLOCK = 20; // lines
const BLOCKS_AT_ONCE = 10; // between two looks of the browser at what the user does
const DASH = /\s+(?=[-–—]\s)/g; // before the words of somebody else in one line
const list = byId("lines");
export let lines = []; // {start, end, words, item, text}: `text` is the node that holds the words
let shown = "", drawing = null, scrolled = -SCROLL_PAUSE, heading = null;

export function showWords({ lines: given, complete }) {
  const next = JSON.stringify(given);
  if (next === shown && lines.length) return; // a selection stays
  shown = next;
  clearTimeout(drawing);
  [lines, heading] = [[], null];
  list.replaceChildren();
  byId("tab-words").textContent = given.length ? say`Words ${given.length}` : say`Words`;
  byId("word-search").hidden = !given.length;
  const hint = complete ? say`This video has no words.` : say`Subtitles appear here. Speech and text on screen appear once a query has been answered from them.`;
  if (!given.length) list.append(make("p", { className: "invitation", textContent: hint }));
  drawFrom(given, 0);
}

function drawFrom(given, first) {
  const end = Math.min(given.length, first + BLOCK * BLOCKS_AT_ONCE);
  for (let at = first; at < end; at += BLOCK)
    list.append(make("ol", { className: "lines" }, ...given.slice(at, at + BLOCK).flatMap(drawLine)));
  if (end < given.length) drawing = setTimeout(() => drawFrom(given, end));
  else document.dispatchEvent(new CustomEvent("words"));
}

function drawLine({ start, end, kind, text, speaker }) {
  const words = /^[-–—]\s/.test(text) ? text.replace(DASH, "\n") : text; // as many characters as before
  const place = make("span", { className: "text", textContent: words });
  const time = make("button", { className: "time", type: "button", tabIndex: lines.length ? -1 : 0, textContent: clock(start) });
  const item = make("li", { className: `line ${kindStyle(kind)}` }, time, place, make("span", { className: "source", textContent: kindLabel(kind) }));
  lines.push({ start, end, kind, words: text, item, time, text: place.firstChild, lastEnd: Math.max(end, lines.at(-1)?.lastEnd ?? 0) });
  item.dataset.line = lines.length - 1;
  const turn = speaker && speaker !== heading ? [make("li", { className: "turn" }, make("h2", { textContent: speaker }))] : [];
  heading = speaker || null;
  return [...turn, item];
}

export const lineAt = (element) => lines[element?.closest?.(".line")?.dataset.line];

list.addEventListener("click", (event) => {
  const line = lineAt(event.target);
  if (!line || !getSelection().isCollapsed) return; // words are being selected
  if (event.detail) line.time.blur();
  seek(line.start);
});
/* One line takes the Tab key; arrows go from line to line, and with Shift select whole lines. */
list.addEventListener("keydown", (event) => {
  const line = lineAt(event.target), by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const next = by && line && lines[lines.indexOf(line) + by];
  if (!next) return;
  event.preventDefault();
  line.time.tabIndex = -1;
  next.time.tabIndex = 0;
  next.time.focus();
  const selection = getSelection();
  if (!event.shiftKey) return selection.removeAllRanges();
  const from = selection.isCollapsed ? line : lineAt(selection.anchorNode.parentElement) ?? line;
  const back = lines.indexOf(next) < lines.indexOf(from);
  selection.setBaseAndExtent(from.text, back ? from.text.length : 0, next.text, back ? 0 : next.text.length);
});

for (const name of ["wheel", "touchmove"]) list.addEventListener(name, () => { scrolled = performance.now(); }, { passive: true });

/* The lines at a time: one of the last that have begun, or an earlier one that lasts longer; `lastEnd` says how far back. */
function linesAt(time) {
  let [from, to] = [0, lines.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (lines[middle].start <= time + EPSILON) from = middle + 1; else to = middle;
  }
  const found = [];
  for (let at = from - 1; at >= 0 && lines[at].lastEnd > time; at -= 1) if (covers(lines[at], time)) found.unshift(lines[at]);
  return found;
}

let marked = []; // the lines at the playhead
onTime((time) => {
  const next = linesAt(time), [first] = next;
  for (const line of marked) if (!next.includes(line)) line.item.classList.remove("now");
  for (const line of next) line.item.classList.add("now");
  marked = next;
  const busy = byId("words").hidden || byId("word-query").value || !getSelection().isCollapsed;
  if (first && !busy && performance.now() - scrolled > SCROLL_PAUSE) showLater(first);
});

/* At most one look at where lines are for each frame of the browser. */
let late = null;
function showLater(line) {
  if (!late) requestAnimationFrame(() => { const next = late; late = null; if (next.item.isConnected) showLine(next); });
  late = line;
}

/* Scroll the list, and nothing else, to a line. Blocks have their true height only once they are laid out: look again. */
export function showLine(line, again = true) {
  const [box, room] = [line.item.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top >= room.top + 40 && box.bottom <= room.bottom - 60) return;
  list.scrollTop += box.top - room.top - room.height / 3;
  if (again) requestAnimationFrame(() => showLine(line, false));
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
