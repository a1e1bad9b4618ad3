/* The handles at the ends of a moment: moved by mouse, finger or arrow keys, while the video shows the picture there.
 *
 * They stand outside the moment, 24 px each, so that they never cover one another or it, however short it is. Only the
 * selected moment and the one under the pointer have them: hundreds of others would be in the way, and slow. */

import { may } from "./login.js";
import { video, media, onView, seek, offsetOf, startOf, view, within } from "./shared/video.js";
import { make } from "./shared/elements.js";
import { current, moments, selectMoment } from "./shared/moments.js";
import { timeUnder } from "./shared/playhead.js";
import { layTrack } from "./shared/targets.js";
import { updateMoment } from "./shared/timeline.js";
import { updateAnswerLine } from "./shared/answers.js";
import { boundary, edgeStamp } from "./shared/words.js";
import { reveal } from "./zoom.js";
import { say } from "./shared/language.js";

const ENDS = ["start", "end"];
const WIDTH = 24, BESIDE = 12; // pixels: of a handle, and how far it may stand beside the timeline
let beforeEdit = () => {}, afterEdit = () => {};
let hovered = null; // the moment under the pointer
const withHandles = new Set();

/* `before` is called with the query before each change, `after` after it; `soon` means that more changes may follow. */
export function onEdit(before, after) { [beforeEdit, afterEdit] = [before, after]; }

/* Move one end, with `grid` to the nearest picture; a moment keeps at least one picture. */
export function move(moment, query, end, seconds, { grid = false } = {}) {
  const time = within(grid ? startOf(boundary(seconds)) : seconds);
  if (end === "start") moment.start = Math.max(0, Math.min(time, moment.end - media.frame));
  else moment.end = Math.min(media.duration, Math.max(time, moment.start + media.frame));
  moment.spread = null;
  updateMoment(moment, query);
  updateAnswerLine(moment);
  describe(moment);
  if (!document.querySelector("[data-held]")) layTrack(moment.track); // under a hand all others stay
  lay(moment);
  document.dispatchEvent(new CustomEvent("moved", { detail: moment }));
}

/* The picture at an end: the last one that belongs to the moment, for its end. */
const picture = ({ start, end }, which) => startOf(which === "start" ? boundary(start) : Math.max(boundary(start), boundary(end) - 1));

function describe(moment) {
  moment.handles?.forEach((handle, i) => {
    const time = moment[ENDS[i]];
    handle.setAttribute("aria-valuenow", time.toFixed(3));
    handle.setAttribute("aria-valuetext", edgeStamp(time));
    handle.dataset.time = edgeStamp(time);
  });
}

/* Where the two stand: outside the moment and its button, apart from one another at the ends of the timeline too. */
function lay(moment) {
  if (!moment.handles) return;
  const { width } = view, [first, last] = ENDS.map((end) => width * offsetOf(moment[end])), middle = (first + last) / 2;
  const left = Math.min(Math.max(-BESIDE, Math.min(first, middle - WIDTH / 2) - WIDTH), width + BESIDE - 2 * WIDTH);
  const right = Math.max(left + WIDTH, Math.min(Math.max(last, middle + WIDTH / 2), width + BESIDE - WIDTH));
  const [start, end] = moment.handles;
  [start.style.left, end.style.left] = [`${left}px`, `${right}px`];
  for (const [handle, at] of [[start, first], [end, last]]) {
    handle.classList.toggle("beyond", at < -1 || at > width + 1);
    handle.dataset.edge = at < 0.12 * width ? "left" : at > 0.88 * width ? "right" : "";
  }
}
onView(() => { for (const moment of withHandles) lay(moment); });

/* Give a moment its handles when it is selected, or the pointer comes to it. */
export function prepare(moment, query) {
  const { window } = moment;
  moment.query = query;
  moment.handles = null;
  window.addEventListener("pointerenter", () => { if (!document.querySelector("[data-held]")) hover(moment); });
  window.addEventListener("focusin", () => reveal(moment.start));
}
/* Forget those of moments that are no longer shown, or were drawn anew. */
export function forgetHandles() {
  for (const moment of withHandles) if (!moment.handles || !moments.includes(moment)) withHandles.delete(moment);
  if (!withHandles.has(hovered)) hovered = null;
}
document.addEventListener("choose", () => { settle(); if (current?.query) raise(current); });
function hover(moment) {
  hovered = moment;
  settle();
  raise(moment);
}
function raise(moment) {
  if (moment.handles || !may("correct")) return;
  moment.handles = ENDS.map((end) => handle(moment, moment.query, end));
  withHandles.add(moment);
  describe(moment);
  layTrack(moment.track);
  lay(moment);
}
/* Take the handles from all that are neither selected nor under the pointer nor in use. */
function settle() {
  for (const moment of withHandles) {
    if (moment === current || moment === hovered || moment.handles.includes(document.activeElement)) continue;
    for (const handle of moment.handles) handle.remove();
    moment.handles = null;
    withHandles.delete(moment);
  }
}

function handle(moment, query, end) {
  const element = make("span", { className: `handle ${end} ${moment.style}`, tabIndex: 0, role: "slider", ariaLabel: end === "start" ? say`Start of ${query.query}` : say`End of ${query.query}` });
  element.setAttribute("aria-valuemin", "0");
  element.setAttribute("aria-valuemax", media.duration.toFixed(3));
  element.addEventListener("pointerdown", (event) => drag(event, moment, query, end));
  element.addEventListener("keydown", (event) => nudge(event, moment, query, end));
  element.addEventListener("focus", () => reveal(moment[end]));
  return element;
}

function drag(down, moment, query, end) {
  if (down.button) return;
  down.preventDefault();
  const handle = down.currentTarget, from = timeUnder(down, { clamped: true }), offset = moment[end] - from;
  handle.setPointerCapture(down.pointerId);
  handle.focus({ preventScroll: true });
  video.pause();
  selectMoment(moment);
  const before = moment[end];
  let begun = false;
  const cancel = () => { if (begun) move(moment, query, end, before); }; // the browser took the finger for scrolling
  const follow = (event) => {
    const time = timeUnder(event, { clamped: true });
    if (!begun) { if (Math.abs(event.clientX - down.clientX) < 2) return; beforeEdit(query); begun = true; handle.dataset.held = "true"; }
    move(moment, query, end, time + offset, { grid: true });
    if (!video.seeking) seek(picture(moment, end));
  };
  const drop = () => {
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointercancel", cancel);
    delete handle.dataset.held;
    if (!begun) return;
    seek(picture(moment, end));
    afterEdit(query);
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointercancel", cancel);
  handle.addEventListener("lostpointercapture", drop, { once: true });
}

function nudge(event, moment, query, end) {
  const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  video.pause();
  selectMoment(moment);
  beforeEdit(query, { soon: true });
  move(moment, query, end, moment[end] + direction * (event.shiftKey ? 1 : media.frame), { grid: true });
  seek(picture(moment, end));
  afterEdit(query, { soon: true });
}
