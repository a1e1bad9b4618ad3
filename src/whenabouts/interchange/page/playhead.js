/* The playhead over all lanes, the clock, and scrubbing with a pointer anywhere on the timeline. */

import { byId, write } from "./elements.js";
import { video, media, refresh, seek, slide, offsetOf, view, onTime, within } from "./video.js";
import { ticks } from "./timeline.js";
import { clock, stamp } from "./words.js";
import { say } from "./language.js";

const LETTER = 6.6; // pixels
const edge = (time) => (offsetOf(time) < 0.1 ? "left" : offsetOf(time) > 0.9 ? "right" : "");

onTime((time) => {
  const head = slide(byId("head"), time);
  write(head.firstChild, stamp(time));
  head.dataset.edge = edge(time);
  const reach = ((LETTER * head.textContent.length + 40) * view.span) / (2 * (view.width || 1000)); // seconds that its label hides
  const middle = time + { left: reach, right: -reach, "": 0 }[edge(time)];
  for (const [mark, element] of ticks) element.classList.toggle("under", Math.abs(mark - middle) < reach);
  const [elapsed, whole] = byId("clock").children;
  write(elapsed, clock(time));
  write(whole, ` / ${clock(media.duration)}`);
  byId("ruler")?.setAttribute("aria-valuenow", time.toFixed(2));
  byId("ruler")?.setAttribute("aria-valuetext", say`${clock(time)} of ${clock(media.duration)}`);
  byId("stage").dataset.state = video.paused ? "paused" : "playing";
  byId("play").setAttribute("aria-label", video.paused ? say`Play` : say`Pause`);
});

new ResizeObserver(([{ contentRect }]) => {
  if (contentRect.width === view.width) return;
  view.width = contentRect.width;
  refresh();
}).observe(byId("overlay"));

/* The time under a pointer; outside the timeline null, or with `clamped` the nearest time in view. */
export function timeUnder(event, { clamped = false } = {}) {
  const box = byId("overlay").getBoundingClientRect();
  const at = (event.clientX - box.left) / box.width;
  if (clamped) return within(view.from + Math.min(1, Math.max(0, at)) * view.span);
  return at >= 0 && at <= 1 ? view.from + at * view.span : null;
}

function scrub(event) {
  const time = timeUnder(event), ghost = byId("ghost");
  ghost.hidden = time === null || event.pointerType === "touch";
  if (time === null) return;
  write(slide(ghost, time).firstChild, stamp(time));
  ghost.dataset.edge = edge(time);
  if (event.type === "pointerdown" ? event.button === 0 : byId("rows").hasPointerCapture(event.pointerId)) seek(time);
}

byId("rows").addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, .label, [role=slider]:not(#ruler)") || event.button) return;
  byId("rows").setPointerCapture(event.pointerId);
  scrub(event);
});
byId("rows").addEventListener("pointermove", scrub);
byId("rows").addEventListener("pointerleave", () => { byId("ghost").hidden = true; });
