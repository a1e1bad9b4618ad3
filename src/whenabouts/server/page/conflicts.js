/* A correction that somebody else made too meanwhile: a person says which of the two counts. */

import { openConflicts, settle } from "./saving.js";
import { byId, make } from "./shared/elements.js";
import { say } from "./shared/language.js";
import { clock } from "./shared/words.js";

const CHECKED = { model: say`not checked`, edited: say`edited`, confirmed: say`confirmed` };
const inWords = (saved) => !saved ? say`no correction` : saved.windows.map(([start, end], i) =>
  `${clock(start, 2)} – ${clock(end, 2)} (${CHECKED[saved.window_provenance?.[i] ?? "edited"]})`).join(", ") || say`not in this video`;

function row(conflict) {
  const { correction, theirs } = conflict;
  const mine = inWords(correction.body), other = inWords(theirs), same = correction.body && JSON.stringify(correction.body.windows) === JSON.stringify(theirs?.windows);
  const choice = (text, keepMine) => {
    const button = make("button", { className: "plain", type: "button", textContent: text, ariaLabel: `${text}: ${correction.query}` });
    button.addEventListener("click", () => settle(conflict, keepMine));
    return button;
  };
  const words = make("p", {}, make("b", { textContent: say`“${correction.query}” was changed in another window while you corrected it.` }),
    make("span", { textContent: [same && say`The times are the same; only what is checked differs.`, say`Mine: ${mine}. Theirs: ${other}.`].filter(Boolean).join(" ") }));
  return make("div", {}, words, choice(say`Keep mine`, true), choice(say`Take theirs`, false));
}

function showConflicts() {
  const open = openConflicts();
  byId("conflicts").hidden = !open.length;
  byId("conflicts").replaceChildren(...open.map(row));
}
document.addEventListener("conflict", showConflicts);
document.addEventListener("annotator", showConflicts);
