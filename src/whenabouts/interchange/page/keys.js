/* Keyboard shortcuts: bound where their actions are defined, and listed for people from the same calls. */

import { byId, make } from "./elements.js";
import { translate } from "./language.js";

const ACTS = {};

/* `shown` are the keys as people read them, `acts` maps KeyboardEvent.key (in lower case, after "Shift+" where needed) to actions. */
export function bind(shown, words, acts) {
  Object.assign(ACTS, acts);
  byId("keys").querySelector("dl").append(
    make("dt", {}, ...shown.map((key) => make("kbd", { textContent: key }))), make("dd", { textContent: translate(words) }));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  if (event.target.closest("button, summary, a") && (event.key === " " || event.key === "Enter")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = (event.shiftKey && ACTS[`Shift+${key}`]) || ACTS[key];
  if (!act) return;
  if (key !== "Escape") event.preventDefault(); // which still closes what is open
  act(event);
});
