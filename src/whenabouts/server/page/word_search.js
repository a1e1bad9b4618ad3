/* Search in the words of the video: how many matches there are, one after another, all of them marked in their lines. */

import { glyph } from "./glyphs.js";
import { byId } from "./shared/elements.js";
import { say } from "./shared/language.js";
import { now } from "./shared/video.js";
import { lines, showLine } from "./transcript.js";
import { matching, wordsOf } from "./word_matching.js";

const MAX_MARKED = 500; // matches around the current one: a browser paints each of them
const field = byId("word-query");
const marks = globalThis.Highlight && CSS.highlights ? { match: new Highlight(), "match-now": new Highlight() } : {};
for (const [name, mark] of Object.entries(marks)) CSS.highlights.set(name, mark);
let matches = [], at = -1; // [[line, first character, last], …]: a match may go on in the next line

function find() {
  const sought = wordsOf(field.value);
  matches = sought.length ? matching(lines, sought) : [];
  at = matches.length ? Math.max(0, matches.findIndex(([[line]]) => line.end > now())) : -1;
  show(sought.length);
}

function go(by) {
  if (!matches.length) return;
  at = (at + by + matches.length) % matches.length;
  show(true);
}

function show(sought) {
  byId("word-count").textContent = !sought ? "" : matches.length ? say`${at + 1} of ${matches.length}` : say`not found`;
  for (const id of ["word-previous", "word-next"]) byId(id).disabled = !matches.length;
  const paint = (mark, match) => { for (const [{ text }, from, to] of match) mark?.add(new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to })); };
  for (const mark of Object.values(marks)) mark.clear();
  const near = Math.max(0, at - MAX_MARKED / 2);
  if (marks.match) for (const match of matches.slice(near, near + MAX_MARKED)) if (match !== matches[at]) paint(marks.match, match);
  if (at < 0) return;
  paint(marks["match-now"], matches[at]);
  showLine(matches[at][0][0]);
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
