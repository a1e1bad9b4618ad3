/* Messages: errors in a line at the top, and what happens for screen readers. */

import { byId } from "./shared/elements.js";
import { glyph } from "./glyphs.js";
import { UNREACHABLE } from "./reach.js";
import { translate } from "./shared/language.js";

const [line, button] = byId("notice").children;
button.append(glyph("close"));
button.addEventListener("click", () => showNotice(""));

/* A message that passes by itself with an event of the document, such as that the server answers again. */
let passes = null;
export function showNotice(text, { until = text === UNREACHABLE ? "answering" : null } = {}) {
  passes = until;
  line.textContent = translate(text);
  byId("notice").hidden = !text;
}
for (const name of ["answering", "arrived"]) document.addEventListener(name, () => { if (passes === name) showNotice(""); });
export function announce(text) { byId("spoken").textContent = translate(text); }

/* The result of an action; where it fails, its error is shown and the result is null. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    showNotice(error.message);
    return null;
  }
}
