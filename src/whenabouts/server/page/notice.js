/* What went wrong, in a quiet line; and what happens, for those who listen to the page. */

import { at } from "./shared/elements.js";
import { glyph } from "./glyphs.js";

const [line, button] = at("notice").children;
button.append(glyph("close"));
button.addEventListener("click", () => tell(""));

export function tell(text) {
  line.textContent = text;
  at("notice").hidden = !text;
}
export function say(text) { at("spoken").textContent = text; }

/* Run what may be refused; what the refusal says is told, and null returned. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    tell(error.message);
    return null;
  }
}
