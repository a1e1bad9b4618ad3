/* Corrections: marks make new moments, ends are moved to the playhead, moments deleted, answers confirmed; all can be undone. */

import "./chosen.js";
import { chosen, select } from "./lanes.js";
import { onEdit, move } from "./handles.js";
import { showNotice } from "./notice.js";
import { isChecked, markCorrected, queries } from "./queries.js";
import { save } from "./saving.js";
import { dropSteps, isAlike, remembered, restore, snapshot, steps, takeBack, takeForward, undone } from "./history.js";
import { byId } from "./shared/elements.js";
import { now, place, media, onTime } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { selectMoment, current } from "./shared/moments.js";

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
function finish(query, { soon = false, moved = false } = {}) {
  const step = steps.at(-1), { mine } = query;
  for (const { moment, start, end, provenance } of step.before.moments)
    if (moved) moment.provenance = moment.start === start && moment.end === end ? provenance : "edited";
  if (moved && isAlike(query, step.before)) { steps.pop(); nudged = null; restore(query, step.before); }
  else { markCorrected(query); step.after = snapshot(query); }
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
/* Nothing is new, but what could not be saved may be saved now. */
function saveAgain(query) {
  markCorrected(query);
  save(query);
  redraw();
}

/* Marks: an in mark and an out mark make a moment on the selected lane */

function mark(end) {
  if (!chosen) return showNotice("Write a query first: a moment belongs to a query.");
  marks[end] = end === "start" ? now() : Math.min(media.duration, now() + media.frame); // the current picture belongs to the moment
  const { start, end: stop } = marks;
  if (start !== null && stop !== null && start < stop) {
    clearMarks();
    addMoment(chosen, start, stop).elements[0].focus({ preventScroll: true });
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
  move(current, query, which, which === "start" ? now() : now() + media.frame);
  finish(query, { moved: true });
}
function deleteMoment() {
  if (!current) return;
  const query = owner(current);
  remember(query);
  query.moments = query.moments.filter((moment) => moment !== current);
  finish(query);
  (query.moments[0]?.elements[0] ?? byId("ruler")).focus({ preventScroll: true });
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

const acts = { "mark-in": () => mark("start"), "mark-out": () => mark("end"), "start-here": () => end("start"),
  "end-here": () => end("end"), delete: deleteMoment, confirm: confirmMoment, undo, redo };
for (const [id, act] of Object.entries(acts))
  byId(id).addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });

bind(["I", "O"], "mark the start and the end of a new moment", { i: () => mark("start"), o: () => mark("end") });
bind(["⇧I", "⇧O"], "move the start or the end of the moment here", { "Shift+i": () => end("start"), "Shift+o": () => end("end") });
bind(["←", "→"], "on a handle: move it by one frame, with ⇧ by one second", {});
bind(["⌫"], "delete the moment", { Backspace: deleteMoment, Delete: deleteMoment });
bind(["A"], "the moment is right as it is", { a: confirmMoment });
bind(["U", "Ctrl Z"], "undo", { u: undo });
bind(["⇧U", "Ctrl ⇧Z", "Ctrl Y"], "redo", { "Shift+u": redo });
bind(["esc"], "clear the marks", { Escape: clearMarks });

/* Ctrl+Z and its like, wherever no text is written: a field of text has an undo of its own. */
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const key = event.key.toLowerCase(), act = key === "z" ? (event.shiftKey ? redo : undo) : key === "y" && !event.shiftKey ? redo : null;
  if (!act) return;
  event.preventDefault();
  act();
});
