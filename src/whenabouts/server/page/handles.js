/* The handles at the ends of a moment: moved by mouse, finger or arrow keys, while the video shows the picture there. */

import { video, media, seek, within } from "./shared/video.js";
import { make } from "./shared/elements.js";
import { selectMoment } from "./shared/moments.js";
import { timeUnder } from "./shared/playhead.js";
import { updateMoment } from "./shared/timeline.js";
import { updateAnswerLine } from "./shared/answers.js";
import { clock } from "./shared/words.js";
import { say } from "./shared/language.js";

const ENDS = ["start", "end"];
let beforeEdit = () => {}, afterEdit = () => {};

/* `before` is called with the query before each change, `after` after it; `soon` means that more changes may follow. */
export function onEdit(before, after) { [beforeEdit, afterEdit] = [before, after]; }

/* Move one end, with `grid` to the nearest picture; a moment keeps at least one picture. */
export function move(moment, query, end, seconds, { grid = false } = {}) {
  const time = within(grid ? Math.round(seconds / media.frame) * media.frame : seconds);
  if (end === "start") moment.start = Math.max(0, Math.min(time, moment.end - media.frame));
  else moment.end = Math.min(media.duration, Math.max(time, moment.start + media.frame));
  moment.spread = null;
  updateMoment(moment, query);
  updateAnswerLine(moment);
  describe(moment);
  document.dispatchEvent(new CustomEvent("moved", { detail: moment }));
}

/* The picture at an end: the last one that belongs to the moment, for its end. */
const view = (moment, end) => (end === "start" ? moment.start : Math.max(moment.start, moment.end - media.frame));

function describe(moment) {
  moment.handles?.forEach((handle, i) => {
    const time = moment[ENDS[i]];
    handle.setAttribute("aria-valuenow", time.toFixed(3));
    handle.setAttribute("aria-valuetext", clock(time, 2));
    handle.dataset.time = clock(time, 2);
  });
}

export function handles(moment, query) {
  moment.handles = ENDS.map((end) => {
    const handle = make("span", { className: `handle ${end}`, tabIndex: 0, role: "slider", ariaLabel: end === "start" ? say`Start of ${query.query}` : say`End of ${query.query}` });
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", media.duration.toFixed(3));
    handle.addEventListener("pointerdown", (event) => drag(event, moment, query, end));
    handle.addEventListener("keydown", (event) => nudge(event, moment, query, end));
    return handle;
  });
  describe(moment);
  return moment.handles;
}

function drag(down, moment, query, end) {
  if (down.button) return;
  down.preventDefault();
  const handle = down.currentTarget, from = timeUnder(down) ?? moment[end], offset = moment[end] - from;
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
    if (!video.seeking) seek(view(moment, end));
  };
  const drop = () => {
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointercancel", cancel);
    delete handle.dataset.held;
    if (!begun) return;
    seek(view(moment, end));
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
  move(moment, query, end, moment[end] + direction * (event.shiftKey ? 1 : media.frame));
  seek(view(moment, end));
  afterEdit(query, { soon: true });
}
