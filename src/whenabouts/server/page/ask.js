/* Asking: one sentence a line, sent as one find; Enter asks, Shift and Enter starts another line. */

import { post } from "./api.js";
import { attempt, say } from "./notice.js";
import { at, make } from "./shared/elements.js";

const field = at("queries");
const KINDS = { seen: "seen", said: "said", written: "written on screen" };

/* `asked` gets the job of each find, `byHand` the sentences that a person will mark. */
export function asking(about, video, asked, byHand) {
  at("model").append(...about.models.map((name) => make("option", { value: name, textContent: name })));
  at("model-choice").hidden = about.models.length < 2;
  at("evidence").append(...Object.entries(KINDS).map(([kind, words]) => {
    const button = make("button", { className: `kind ${kind}`, type: "button", ariaPressed: "true", value: kind }, make("i"), words);
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      if (!kinds().length) button.ariaPressed = "true"; // something has to answer
    });
    return button;
  }));
  at("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const queries = sentences();
    if (!queries.length) return field.focus();
    const chosen = kinds(), body = { queries, model: at("model").value };
    if (chosen.length < Object.keys(KINDS).length) body.evidence = chosen;
    const job = await attempt(() => post(`/api/videos/${video()}/find`, body));
    if (!job) return;
    clear();
    asked(job);
  });
  at("by-hand").addEventListener("click", () => {
    const queries = sentences();
    if (!queries.length) { say("Write a sentence first."); return field.focus(); }
    clear();
    byHand(queries);
  });
}
const kinds = () => [...at("evidence").querySelectorAll("[aria-pressed=true]")].map((button) => button.value);
const sentences = () => [...new Set(field.value.split("\n").map((line) => line.trim()).filter(Boolean))];
function clear() { field.value = ""; grow(); }

export function propose(text) { field.value = text; grow(); }

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") field.blur();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("ask").requestSubmit();
});
