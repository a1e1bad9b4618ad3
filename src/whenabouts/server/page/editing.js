/* Corrections: marks make new moments, ends are moved to the playhead, moments deleted, answers confirmed; all can be undone. */

import "./chosen.js";
import { chosen, select } from "./lanes.js";
import { onEdit, move } from "./handles.js";
import { may } from "./login.js";
import { showNotice } from "./notice.js";
import { isChecked, markCorrected, queries, restorePrediction } from "./queries.js";
import { save } from "./saving.js";
import { dropSteps, isAlike, remembered, restore, snapshot, steps, takeBack, takeForward, undone } from "./history.js";
import { byId } from "./shared/elements.js";
import { now, place, media, onTime, shownTime } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { selectMoment, current } from "./shared/moments.js";
import { pressable } from "./shared/targets.js";
import { isSameCut } from "./shared/words.js";

const marks = { start: null, end: null };
let redraw = () => {}, nudged = null;

export function initEditing(show) { redraw = show; }
/* Forget what could be undone, of one query or of all. */
export function clearEdits(query) { dropSteps(query); nudged = null; if (!query) clearMarks(); }

const owner = (moment) => queries.find((query) => query.moments.includes(moment));

function remember(query, { soon = false } = {}) {
  if (soon && nudged === current) return; // a run of nudges is one step
  nudged = soon ? current : null;
  remembered(query);
}
/* A moment that was moved is a person's; what was moved back to where it was is as it was. */
function finish(query, { soon = false, moved = false, withdrawn = false } = {}) {
  const step = steps.at(-1), { mine } = query;
  for (const { moment, provenance, ...ends } of step.before.moments)
    if (moved) moment.provenance = isSameCut(moment, ends) ? provenance : "edited";
  if (moved && isAlike(query, step.before)) { steps.pop(); nudged = null; restore(query, step.before); }
  else { if (!withdrawn) markCorrected(query); step.after = snapshot(query); }
  save(query, { soon });
  if (!soon || query.mine !== mine) redraw();
  updateTools();
}
onEdit(remember, (query, options) => finish(query, { ...options, moved: true }));
document.addEventListener("choose", ({ detail: moment }) => {
  if (moment !== nudged) nudged = null;
  if (moment) select(owner(moment));
  updateTools();
});
document.addEventListener("moved", ({ detail: moment }) => { if (moment === current) updateTools(); });

/* An answer as a whole: right as it is, or not in this video; and one moment of it that is right as it is */

export function confirmAnswer(query) { confirm(query, query.moments); }
function confirmMoment() {
  if (!current) return showNotice("Select a moment first.");
  confirm(owner(current), [current]);
}
function confirm(query, moments) {
  const unchecked = moments.filter((moment) => !isChecked(moment));
  if (query.mine && !unchecked.length) return saveAgain(query);
  remember(query);
  for (const moment of unchecked) moment.provenance = "confirmed";
  finish(query);
}
export function rejectAnswer(query) {
  if (query.mine && !query.moments.length) return saveAgain(query);
  remember(query);
  query.moments = [];
  finish(query);
}
/* Take back all that this annotator said about a query: what the model answered is shown again. */
export function withdraw(query) {
  if (!query?.mine) return showNotice("There is no correction of yours to take back.");
  remember(query);
  restorePrediction(query);
  finish(query, { withdrawn: true });
}
/* Nothing is new, but what could not be saved may be saved now. */
function saveAgain(query) {
  markCorrected(query);
  save(query);
  redraw();
}

/* Marks: an in mark and an out mark make a moment on the selected lane */

function mark(end) {
  if (!chosen) return showNotice("Write a query first: a moment belongs to a query.");
  marks[end] = end === "start" ? shownTime() : Math.min(media.duration, shownTime() + media.frame); // the picture on screen belongs to the moment
  const { start, end: stop } = marks;
  if (start !== null && stop !== null && start < stop) {
    clearMarks();
    pressable(addMoment(chosen, start, stop)).focus({ preventScroll: true });
  } else {
    if (start !== null && stop !== null) marks[end === "start" ? "end" : "start"] = null; // the later mark counts
    showMarks();
  }
}
/* A moment that a person marked, by its times in seconds. */
export function addMoment(query, start, end) {
  remember(query);
  const moment = { start, end, evidence: [], score: null, spread: null, thumbnail: null, provenance: "edited" };
  query.moments.push(moment);
  finish(query);
  selectMoment(moment);
  return moment;
}
function clearMarks() {
  marks.start = marks.end = null;
  showMarks();
}
function showMarks() {
  const { start, end } = marks;
  byId("marks").hidden = start === null && end === null;
  byId("mark-in").setAttribute("aria-pressed", String(start !== null));
  byId("mark-out").setAttribute("aria-pressed", String(end !== null));
  if (start !== null) place(byId("marks"), start, Math.max(start, now()));
  else if (end !== null) place(byId("marks"), Math.min(now(), end), end);
}
onTime(() => { if (marks.start !== null || marks.end !== null) showMarks(); });

/* The selected moment */

function end(which) {
  if (!current) return showNotice("Select a moment first.");
  const query = owner(current);
  remember(query);
  move(current, query, which, which === "start" ? shownTime() : shownTime() + media.frame);
  finish(query, { moved: true });
}
function deleteMoment() {
  if (!current) return;
  const query = owner(current);
  remember(query);
  query.moments = query.moments.filter((moment) => moment !== current);
  const nothing = !query.moments.length && !query.first.length; // whoever deletes a mark of their own has not said that it is nowhere
  if (nothing) restorePrediction(query);
  finish(query, { withdrawn: nothing });
  (query.moments[0] ? pressable(query.moments[0]) : byId("ruler")).focus({ preventScroll: true });
}
const undo = () => travel(takeBack), redo = () => travel(takeForward);
function travel(take) {
  if (document.querySelector("[data-held]")) return;
  const query = take();
  nudged = null;
  if (query) { save(query); redraw(); }
  updateTools();
}
export function updateTools() {
  const has = Boolean(current);
  for (const id of ["start-here", "end-here", "delete", "clip", "confirm"]) byId(id).disabled = !has;
  byId("undo").disabled = !steps.length;
  byId("redo").disabled = !undone.length;
}

/* Users without the scope are not offered the tools, and the keys say why they do nothing. */
const allowed = (acts) => Object.fromEntries(Object.entries(acts).map(([name, act]) =>
  [name, () => (may("correct") ? act() : showNotice("Your user may look at corrections, but not make them."))]));
const acts = { "mark-in": () => mark("start"), "mark-out": () => mark("end"), "start-here": () => end("start"),
  "end-here": () => end("end"), delete: deleteMoment, confirm: confirmMoment, undo, redo };
for (const [id, act] of Object.entries(acts))
  byId(id).addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });

bind(["I", "O"], "mark the start and the end of a new moment", allowed({ i: () => mark("start"), o: () => mark("end") }));
bind(["⇧I", "⇧O"], "move the start or the end of the moment here", allowed({ "Shift+i": () => end("start"), "Shift+o": () => end("end") }));
bind(["←", "→"], "on a handle: move it by one frame, with ⇧ by one second", {});
bind(["⌫"], "delete the moment", allowed({ Backspace: deleteMoment, Delete: deleteMoment }));
bind(["A"], "the moment is right as it is", allowed({ a: confirmMoment }));
bind(["B"], "back to the model’s answer on the chosen lane", allowed({ b: () => withdraw(chosen) }));
bind(["U", "Ctrl Z"], "undo", allowed({ u: undo }));
bind(["⇧U", "Ctrl ⇧Z", "Ctrl Y"], "redo", allowed({ "Shift+u": redo }));
bind(["esc"], "clear the marks", { Escape: clearMarks });

/* Ctrl+Z and its like, wherever no text is written: a field of text has an undo of its own. */
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const key = event.key.toLowerCase(), act = key === "z" ? (event.shiftKey ? redo : undo) : key === "y" && !event.shiftKey ? redo : null;
  if (!act) return;
  event.preventDefault();
  act();
});
