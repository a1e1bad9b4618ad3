/* Saved questions: kept on the server for one person by name or for everybody, and asked again of any video. */

import { get, post, remove } from "./api.js";
import { askNow, questions } from "./ask.js";
import { glyph } from "./glyphs.js";
import { attempt, announce, showNotice } from "./notice.js";
import { me } from "./queries.js";
import { byId, make } from "./shared/elements.js";
import { say } from "./shared/language.js";

const WIDTH = 380; // pixels of the list, as in questions.css
export let saved = []; // {id, query, owner, changeable}: the owner is null of those that everybody shares

export async function loadSaved() {
  const response = await attempt(() => get(`/api/questions?${new URLSearchParams({ owner: me })}`));
  if (response) saved = response.questions;
  draw();
  return saved;
}

/* Keep questions, for this person or as the box says. */
export async function keep(texts, shared = byId("share").checked) {
  const done = await attempt(() => Promise.all(texts.map((query) => post("/api/questions", { query, owner: shared ? null : me }))));
  if (done) announce(say`Saved: ${texts.join(", ")}`);
  await loadSaved();
}

function draw() {
  byId("no-saved").hidden = saved.length > 0;
  byId("ask-saved").hidden = saved.length < 2;
  byId("saved-list").replaceChildren(...saved.map((question) => {
    const ask = make("button", { className: "saved-question", type: "button", ariaLabel: say`Ask: ${question.query}` },
      make("span", { textContent: question.query }), make("span", { className: "suffix", textContent: question.owner === null ? say`everybody’s` : "" }));
    const drop = make("button", { className: "quiet", type: "button", ariaLabel: say`Save no longer: ${question.query}` }, glyph("remove"));
    ask.addEventListener("click", () => askSaved([question.query]));
    drop.addEventListener("click", async () => {
      await attempt(() => remove(`/api/questions/${question.id}`));
      await loadSaved();
      byId("saved-questions").querySelector("button:not([hidden])")?.focus();
    });
    drop.hidden = !question.changeable; // of what somebody else shares
    return make("li", {}, ask, drop);
  }));
}
function askSaved(texts) {
  byId("saved-questions").hidePopover();
  askNow([...new Set(texts)]);
}

byId("ask-saved").addEventListener("click", () => askSaved(saved.map(({ query }) => query)));
byId("save-typed").addEventListener("click", async () => {
  const texts = questions();
  if (texts.length) return keep(texts);
  byId("saved-questions").hidePopover();
  showNotice("Write a query first.");
});
byId("saved-questions").addEventListener("beforetoggle", (event) => {
  if (event.newState !== "open") return;
  loadSaved();
  const box = byId("saved-open").getBoundingClientRect();
  byId("saved-questions").style.top = `${box.bottom + 6}px`;
  const room = document.documentElement.clientWidth, most = room - Math.min(WIDTH, room - 20) - 10; // so that its left edge shows
  byId("saved-questions").style.right = `${Math.max(10, Math.min(most, room - box.right))}px`;
});
