/* Zoom of the timeline, from all of the video to one frame: by buttons, keys, or Ctrl and the wheel. */

import { byId } from "./shared/elements.js";
import { media, now, onTime, onView, offsetOf, show, video, view } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { timeUnder } from "./shared/playhead.js";

const STEP = 1.6;
const ROOM = 1.2; // how much more than what gets room is shown
const whole = () => view.span >= media.duration;
const inView = (time) => offsetOf(time) >= 0 && offsetOf(time) <= 1;

/* Show a span `factor` times as long, keeping a time where it is. */
function zoom(factor, around = now()) {
  const at = inView(around) ? offsetOf(around) : 0.5;
  const span = Math.min(media.duration, Math.max(Math.min(media.frame, media.duration), view.span * factor));
  show(around - at * span, span > 0.99 * media.duration ? media.duration : span);
}
/* Bring a time into view. */
export function reveal(time) { if (!inView(time)) show(time - view.span / 2, view.span); }

onView(() => {
  byId("rows").dataset.zoomed = String(!whole());
  byId("zoom-out").disabled = whole();
  byId("zoom-in").disabled = view.span <= media.frame * 1.001;
});

/* The view follows the playhead when that moves, unless a hand holds something. */
let last = null;
onTime((time) => {
  if (time === last) return;
  last = time;
  if (!whole() && !inView(time) && !document.querySelector("[data-held]")) show(time - (video.paused ? 0.5 : 0.05) * view.span, view.span);
});

for (const place of ["rows", "map"])
  byId(place).addEventListener("wheel", (event) => {
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) zoom(Math.exp(event.deltaY / 300), (place === "rows" ? timeUnder(event) : null) ?? now());
    else if (!whole() && Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) show(view.from + (sideways * view.span) / 1000, view.span);
    else return;
    event.preventDefault();
  }, { passive: false });

/* Moments that share a target get room, unless they begin together. */
document.addEventListener("several", (event) => {
  const [start, end] = [Math.min(...event.detail.map((each) => each.start)), Math.max(...event.detail.map((each) => each.end))];
  const span = ROOM * (end - start);
  if (span > view.span / STEP) return;
  event.preventDefault();
  show((start + end - span) / 2, span);
});

const closer = () => zoom(1 / STEP), farther = () => zoom(STEP);
byId("zoom-in").addEventListener("click", closer);
byId("zoom-out").addEventListener("click", farther);
bind(["+", "−", "0"], "zoom in, out, show the whole timeline", { "+": closer, "=": closer, "-": farther, 0: () => zoom(Infinity) });
