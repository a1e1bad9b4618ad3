/* A correction that somebody else made too meanwhile: a person says which of the two counts. */

import { openConflicts, settle } from "./saving.js";
import { byId, make } from "./shared/elements.js";
import { say } from "./shared/language.js";
import { clock } from "./shared/words.js";

const inWords = (windows) => windows.map(([start, end]) => `${clock(start, 2)} – ${clock(end, 2)}`).join(", ") || say`not in this video`;

function row(conflict) {
  const { said, theirs } = conflict;
  const mine = said.body ? inWords(said.body.windows) : say`no correction`, other = theirs ? inWords(theirs.windows) : say`no correction`;
  const choice = (text, keepMine) => {
    const button = make("button", { className: "plain", type: "button", textContent: text, ariaLabel: `${text}: ${said.query}` });
    button.addEventListener("click", () => settle(conflict, keepMine));
    return button;
  };
  const words = make("p", {}, make("b", { textContent: say`“${said.query}” was changed in another window while you corrected it.` }),
    make("span", { textContent: say`Mine: ${mine}. Theirs: ${other}.` }));
  return make("div", {}, words, choice(say`Keep mine`, true), choice(say`Take theirs`, false));
}

function showConflicts() {
  const open = openConflicts();
  byId("conflicts").hidden = !open.length;
  byId("conflicts").replaceChildren(...open.map(row));
}
document.addEventListener("conflict", showConflicts);
document.addEventListener("annotator", showConflicts);
