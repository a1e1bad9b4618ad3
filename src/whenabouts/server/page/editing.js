/* Corrections: marks make new moments, ends are moved to the playhead, moments deleted, answers confirmed; all can be undone. */

import { chosen, select } from "./lanes.js";
import { onEdit, move } from "./handles.js";
import { showNotice } from "./notice.js";
import { markCorrected, setWindows, queries } from "./queries.js";
import { save } from "./saving.js";
import { byId } from "./shared/elements.js";
import { now, place, media, onTime } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { selectMoment, current } from "./shared/moments.js";
import { range } from "./shared/words.js";

const MAX_UNDO = 200; // steps
const history = []; // {query, windows}: before each change
const marks = { start: null, end: null };
let redraw = () => {}, nudged = null;

export function initEditing(show) { redraw = show; }
export function clearEdits() { history.length = 0; nudged = null; clearMarks(); }

const owner = (moment) => queries.find((query) => query.moments.includes(moment));
const windows = (query) => query.moments.map(({ start, end }) => [start, end]);

function remember(query, { soon = false } = {}) {
  if (soon && nudged === current) return; // a run of nudges is one step
  nudged = soon ? current : null;
  history.push({ query, windows: windows(query) });
  if (history.length > MAX_UNDO) history.shift();
}
function finish(query, options = {}) {
  const fresh = !query.mine;
  markCorrected(query);
  save(query, options);
  if (!options.soon || fresh) redraw();
  updateTools();
}
onEdit(remember, finish);
document.addEventListener("choose", ({ detail: moment }) => {
  if (moment !== nudged) nudged = null;
  if (moment) select(owner(moment));
  updateTools();
});

/* An answer as a whole: right, or not in this video */

export function confirmAnswer(query) {
  remember(query);
  finish(query);
}
export function rejectAnswer(query) {
  remember(query);
  query.moments = [];
  finish(query);
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
  const moment = { start, end, evidence: [], score: null, spread: null, thumbnail: null };
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
  finish(query);
}
function deleteMoment() {
  if (!current) return;
  const query = owner(current);
  remember(query);
  query.moments = query.moments.filter((moment) => moment !== current);
  finish(query);
  (query.moments[0]?.elements[0] ?? byId("ruler")).focus({ preventScroll: true });
}
function undo() {
  const step = history.pop();
  if (!step || !queries.includes(step.query)) return updateTools();
  nudged = null;
  setWindows(step.query, step.windows);
  save(step.query);
  redraw();
}
export function updateTools() {
  const has = Boolean(current);
  byId("chosen").textContent = has ? `${range(current)} · ${(current.end - current.start).toFixed(2)} s` : "";
  for (const id of ["start-here", "end-here", "delete", "clip"]) byId(id).disabled = !has;
  byId("undo").disabled = !history.length;
}

const acts = { "mark-in": () => mark("start"), "mark-out": () => mark("end"), "start-here": () => end("start"),
  "end-here": () => end("end"), delete: deleteMoment, undo };
for (const [id, act] of Object.entries(acts))
  byId(id).addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });

bind(["I", "O"], "mark the start and the end of a new moment", { i: () => mark("start"), o: () => mark("end") });
bind(["⇧I", "⇧O"], "move the start or the end of the moment here", { "Shift+i": () => end("start"), "Shift+o": () => end("end") });
bind(["←", "→"], "on a handle: move it by one frame, with ⇧ by one second", {});
bind(["⌫"], "delete the moment", { Backspace: deleteMoment, Delete: deleteMoment });
bind(["U"], "undo", { u: undo });
bind(["esc"], "clear the marks", { Escape: clearMarks });
