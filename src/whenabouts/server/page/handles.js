/* The two ends of a moment: dragged by mouse or finger, nudged by the arrow keys, with the video showing the picture there. */

import { video, reel, seek, within } from "./shared/video.js";
import { make } from "./shared/elements.js";
import { choose } from "./shared/moments.js";
import { timeUnder } from "./shared/playhead.js";
import { settle } from "./shared/timeline.js";
import { settleLine } from "./shared/answers.js";
import { clock } from "./shared/words.js";

const ENDS = ["start", "end"];
let changes = () => {}, changed = () => {};

/* `before` hears of a change about to come, `after` of each that came; `soon` says that more may follow. */
export function hear(before, after) { [changes, changed] = [before, after]; }

/* Move one end, on the grid of pictures where asked; a moment keeps at least one picture. */
export function move(moment, query, end, seconds, { grid = false } = {}) {
  const time = within(grid ? Math.round(seconds / reel.frame) * reel.frame : seconds);
  if (end === "start") moment.start = Math.max(0, Math.min(time, moment.end - reel.frame));
  else moment.end = Math.min(reel.duration, Math.max(time, moment.start + reel.frame));
  moment.spread = null;
  settle(moment, query);
  settleLine(moment);
  describe(moment);
}

/* The picture at an end: the last one that belongs to the moment, for its end. */
const view = (moment, end) => (end === "start" ? moment.start : Math.max(moment.start, moment.end - reel.frame));

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
    const handle = make("span", { className: `handle ${end}`, tabIndex: 0, role: "slider", ariaLabel: `${end === "start" ? "Start" : "End"} of ${query.query}` });
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", reel.duration.toFixed(3));
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
  choose(moment);
  let begun = false;
  const follow = (event) => {
    const time = timeUnder(event, { clamped: true });
    if (!begun) { if (Math.abs(event.clientX - down.clientX) < 2) return; changes(query); begun = true; handle.dataset.held = "true"; }
    move(moment, query, end, time + offset, { grid: true });
    if (!video.seeking) seek(view(moment, end));
  };
  const drop = () => {
    handle.removeEventListener("pointermove", follow);
    delete handle.dataset.held;
    if (!begun) return;
    seek(view(moment, end));
    changed(query);
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("lostpointercapture", drop, { once: true });
}

function nudge(event, moment, query, end) {
  const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  video.pause();
  choose(moment);
  changes(query, { soon: true });
  move(moment, query, end, moment[end] + direction * (event.shiftKey ? 1 : reel.frame));
  seek(view(moment, end));
  changed(query, { soon: true });
}
