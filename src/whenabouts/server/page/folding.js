/* Lanes folded to a thin row, one or all; this browser remembers them for each video. */

import { queries } from "./queries.js";
import { glyph } from "./glyphs.js";
import { make } from "./shared/elements.js";
import { say } from "./shared/language.js";

let folded = new Set(), key = null; // texts of queries
const all = make("button", { id: "fold-all", className: "fold", type: "button" });
const rows = new Map(); // query → its row

export function loadFolds(video) {
  key = `folded ${video}`;
  rows.clear();
  try { folded = new Set(JSON.parse(localStorage.getItem(key) ?? "[]")); } catch { folded = new Set(); }
}
function keep() {
  try { localStorage.setItem(key, JSON.stringify([...folded])); } catch { /* until the page closes */ }
  show();
}

/* Give the ruler the button for all lanes; each lane gets one of its own. */
export function addFoldAll(ruler) {
  if (queries.length) ruler.querySelector(".label").append(all);
  else all.remove();
}
export function addFold(row, query) {
  const button = make("button", { className: "fold", type: "button", ariaLabel: say`Show all of the lane: ${query.query}` }, glyph("next"));
  button.addEventListener("click", () => { if (!folded.delete(query.query)) folded.add(query.query); keep(); });
  row.querySelector(".label").prepend(button);
  rows.set(query, row);
  show();
}

function show() {
  for (const [query, row] of rows) {
    row.classList.toggle("folded", folded.has(query.query));
    row.querySelector(".fold").ariaExpanded = String(!folded.has(query.query));
  }
  all.textContent = everyFolded() ? say`Unfold all` : say`Fold all`;
}
const everyFolded = () => queries.every(({ query }) => folded.has(query));
all.addEventListener("click", () => {
  const fold = !everyFolded();
  for (const { query } of queries) if (fold) folded.add(query); else folded.delete(query);
  keep();
});
