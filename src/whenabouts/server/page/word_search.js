/* Search in the words of the video: how many matches there are, one after another, all of them marked in their lines. */

import { glyph } from "./glyphs.js";
import { byId } from "./shared/elements.js";
import { say } from "./shared/language.js";
import { now } from "./shared/video.js";
import { lines, showLine } from "./transcript.js";

const MAX_MARKED = 500; // matches around the current one: a browser paints each of them
const field = byId("word-query");
const marks = globalThis.Highlight && CSS.highlights ? { match: new Highlight(), "match-now": new Highlight() } : {};
for (const [name, mark] of Object.entries(marks)) CSS.highlights.set(name, mark);
let matches = [], at = -1; // [line, place of the first character]

/* Small letters, where that leaves every character in its place. */
const fold = (text) => (text.toLowerCase().length === text.length ? text.toLowerCase() : text);

function find() {
  const sought = fold(field.value.trim());
  matches = [];
  for (const line of sought ? lines : []) {
    const text = (line.folded ??= fold(line.words));
    for (let place = text.indexOf(sought); place >= 0; place = text.indexOf(sought, place + sought.length)) matches.push([line, place]);
  }
  at = matches.length ? Math.max(0, matches.findIndex(([line]) => line.end > now())) : -1;
  show(sought.length);
}

function go(by) {
  if (!matches.length) return;
  at = (at + by + matches.length) % matches.length;
  show(field.value.trim().length);
}

function show(length) {
  byId("word-count").textContent = !length ? "" : matches.length ? say`${at + 1} of ${matches.length}` : say`not found`;
  for (const id of ["word-previous", "word-next"]) byId(id).disabled = !matches.length;
  const range = ([{ text }, place]) => new StaticRange({ startContainer: text, startOffset: place, endContainer: text, endOffset: place + length });
  for (const mark of Object.values(marks)) mark.clear();
  const near = Math.max(0, at - MAX_MARKED / 2);
  if (marks.match) for (const match of matches.slice(near, near + MAX_MARKED)) if (match !== matches[at]) marks.match.add(range(match));
  if (at < 0) return;
  marks["match-now"]?.add(range(matches[at]));
  showLine(matches[at][0]);
}

byId("word-previous").append(glyph("previous"));
byId("word-next").append(glyph("next"));
byId("word-previous").addEventListener("click", () => go(-1));
byId("word-next").addEventListener("click", () => go(1));
byId("word-search").addEventListener("submit", (event) => event.preventDefault());
field.addEventListener("input", find);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { field.value = ""; find(); }
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  go(event.shiftKey ? -1 : 1);
});
document.addEventListener("words", find); // other words: look again
find();
