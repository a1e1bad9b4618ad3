/* Words that were selected in the transcript: asked as a query, or marked as a moment over exactly the times of their lines. */

import { queries } from "./queries.js";
import { byId, make } from "./shared/elements.js";
import { say } from "./shared/language.js";
import { range } from "./shared/words.js";
import { lines } from "./transcript.js";

const MAX_CHARS = 400; // of a query that is taken apart
let picked = null; // {text, start, end}

/* `onAsk` gets the words as a query; `onMark` a query, the words themselves or one that is there, and the times. */
export function initSelection(onAsk, onMark) {
  byId("ask-words").addEventListener("click", () => act(({ text }) => onAsk(text)));
  byId("mark-words").addEventListener("click", () => act(({ text, start, end }) => onMark(byId("mark-as").value || text, start, end)));
}
function act(use) {
  const chosen = picked;
  getSelection().removeAllRanges();
  if (chosen) use(chosen);
}

function selected() {
  const selection = getSelection();
  if (selection.isCollapsed || byId("words").hidden || !byId("lines").contains(selection.anchorNode)) return null;
  const chosen = selection.getRangeAt(0), parts = [];
  for (const { text, start, end } of lines) {
    if (!chosen.intersectsNode(text)) { if (parts.length) break; else continue; }
    const from = chosen.startContainer === text ? chosen.startOffset : 0;
    const to = chosen.endContainer === text ? chosen.endOffset : text.length;
    const words = text.data.slice(from, to).replace(/\s+/g, " ").trim();
    if (words) parts.push({ words, start, end });
  }
  if (!parts.length) return null;
  const text = parts.map(({ words }) => words).join(" ").replace(/^[-–—]\s+/, "").slice(0, MAX_CHARS).trim();
  return text && { text, start: Math.min(...parts.map(({ start }) => start)), end: Math.max(...parts.map(({ end }) => end)) };
}

document.addEventListener("selectionchange", () => {
  if (byId("picked").contains(document.activeElement)) return; // the list of lanes is open
  picked = selected();
  byId("picked").hidden = !picked;
  if (!picked) return;
  byId("picked-words").textContent = `${range(picked)} “${picked.text}”`;
  const kept = byId("mark-as").value;
  byId("mark-as").replaceChildren(make("option", { value: "", textContent: say`a lane of its own` }), ...queries.map(({ query }) => make("option", { value: query, textContent: query })));
  byId("mark-as").value = queries.some(({ query }) => query === kept) ? kept : "";
});
/* A press on a button leaves the selection as it is. */
byId("picked").addEventListener("pointerdown", (event) => { if (event.target.closest("button")) event.preventDefault(); });
byId("picked").addEventListener("mousedown", (event) => { if (event.target.closest("button")) event.preventDefault(); });
