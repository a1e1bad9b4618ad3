/* Correcting: marks make new moments, ends are set to the playhead, moments deleted, verdicts given, and all undone. */

import { chosen, select } from "./lanes.js";
import { hear, move } from "./handles.js";
import { tell } from "./notice.js";
import { confirmed, corrected, queries } from "./queries.js";
import { save } from "./saving.js";
import { at } from "./shared/elements.js";
import { now, place, reel, whenever } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { choose, current } from "./shared/moments.js";
import { range } from "./shared/words.js";

const STEPS = 200; // that can be undone
const past = []; // {query, windows}: before each change
const marks = { start: null, end: null };
let redraw = () => {}, nudged = null;

export function edits(show) { redraw = show; }
export function forgetEdits() { past.length = 0; nudged = null; unmark(); }

const owner = (moment) => queries.find((query) => query.moments.includes(moment));
const windows = (query) => query.moments.map(({ start, end }) => [start, end]);

function remember(query, { soon = false } = {}) {
  if (soon && nudged === current) return; // a run of nudges is one step
  nudged = soon ? current : null;
  past.push({ query, windows: windows(query) });
  if (past.length > STEPS) past.shift();
}
function finish(query, options = {}) {
  const fresh = !query.mine;
  confirmed(query);
  save(query, options);
  if (!options.soon || fresh) redraw();
  describe();
}
hear(remember, finish);
document.addEventListener("choose", ({ detail: moment }) => {
  if (moment !== nudged) nudged = null;
  if (moment) select(owner(moment));
  describe();
});

/* Verdicts on an answer as a whole */

export function right(query) {
  remember(query);
  finish(query);
}
export function wrong(query) {
  remember(query);
  query.moments = [];
  finish(query);
}

/* Marks: an in and an out make a moment on the chosen lane */

function mark(end) {
  if (!chosen) return tell("Ask something first, or mark by hand: a moment needs a sentence that it answers.");
  marks[end] = end === "start" ? now() : Math.min(reel.duration, now() + reel.frame); // the picture on show belongs to it
  const { start, end: stop } = marks;
  if (start !== null && stop !== null && start < stop) {
    const query = chosen;
    remember(query);
    const moment = { start, end: stop, evidence: [], score: null, spread: null, thumbnail: null };
    query.moments.push(moment);
    unmark();
    finish(query);
    choose(moment);
    moment.elements[0].focus({ preventScroll: true });
  } else {
    if (start !== null && stop !== null) marks[end === "start" ? "end" : "start"] = null; // the later mark counts
    showMarks();
  }
}
function unmark() {
  marks.start = marks.end = null;
  showMarks();
}
function showMarks() {
  const { start, end } = marks;
  at("marks").hidden = start === null && end === null;
  at("mark-in").setAttribute("aria-pressed", String(start !== null));
  at("mark-out").setAttribute("aria-pressed", String(end !== null));
  if (start !== null) place(at("marks"), start, Math.max(start, now()));
  else if (end !== null) place(at("marks"), Math.min(now(), end), end);
}
whenever(() => { if (marks.start !== null || marks.end !== null) showMarks(); });

/* The chosen moment */

function end(which) {
  if (!current) return tell("Choose a moment first.");
  const query = owner(current);
  remember(query);
  move(current, query, which, which === "start" ? now() : now() + reel.frame);
  finish(query);
}
function drop() {
  if (!current) return;
  const query = owner(current);
  remember(query);
  query.moments = query.moments.filter((moment) => moment !== current);
  finish(query);
  (query.moments[0]?.elements[0] ?? at("ruler")).focus({ preventScroll: true });
}
function undo() {
  const step = past.pop();
  if (!step || !queries.includes(step.query)) return describe();
  nudged = null;
  corrected(step.query, step.windows);
  save(step.query);
  redraw();
}
export function describe() {
  const has = Boolean(current);
  at("chosen").textContent = has ? `${range(current)} · ${(current.end - current.start).toFixed(2)} s` : "";
  for (const id of ["start-here", "end-here", "delete", "clip"]) at(id).disabled = !has;
  at("undo").disabled = !past.length;
}

const acts = { "mark-in": () => mark("start"), "mark-out": () => mark("end"), "start-here": () => end("start"),
  "end-here": () => end("end"), delete: drop, undo };
for (const [id, act] of Object.entries(acts))
  at(id).addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });

bind(["I", "O"], "mark in and out: a new moment", { i: () => mark("start"), o: () => mark("end") });
bind(["⇧I", "⇧O"], "start or end of the moment here", { "Shift+i": () => end("start"), "Shift+o": () => end("end") });
bind(["←", "→"], "on a handle: one frame; with ⇧ one second", {});
bind(["⌫"], "delete the moment", { Backspace: drop, Delete: drop });
bind(["U"], "undo", { u: undo });
bind(["esc"], "forget the marks", { Escape: unmark });
