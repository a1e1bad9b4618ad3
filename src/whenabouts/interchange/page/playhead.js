/* The playhead over all lanes, the clock, and scrubbing with a pointer anywhere on the timeline. */

import { byId, make } from "./elements.js";
import { video, place, media, seek, onTime, within } from "./video.js";
import { ticks } from "./timeline.js";
import { clock } from "./words.js";
import { say } from "./language.js";

const edge = (time) => (time < 0.04 * media.duration ? "left" : time > 0.96 * media.duration ? "right" : "");

onTime((time) => {
  place(byId("head"), time).firstChild.textContent = clock(time);
  byId("head").dataset.edge = edge(time);
  const reach = (48 * media.duration) / byId("overlay").clientWidth; // seconds that the playhead's label hides
  for (const [mark, element] of ticks) element.classList.toggle("under", Math.abs(mark - time) < reach);
  byId("clock").replaceChildren(make("b", { textContent: clock(time) }), ` / ${clock(media.duration)}`);
  byId("ruler")?.setAttribute("aria-valuenow", time.toFixed(2));
  byId("ruler")?.setAttribute("aria-valuetext", say`${clock(time)} of ${clock(media.duration)}`);
  byId("stage").dataset.state = video.paused ? "paused" : "playing";
  byId("play").setAttribute("aria-label", video.paused ? say`Play` : say`Pause`);
});

/* The time under a pointer; outside the timeline null, or with `clamped` the nearest end of the video. */
export function timeUnder(event, { clamped = false } = {}) {
  const box = byId("overlay").getBoundingClientRect();
  const time = ((event.clientX - box.left) / box.width) * media.duration;
  if (clamped) return within(time);
  return time >= 0 && time <= media.duration ? time : null;
}

function scrub(event) {
  const time = timeUnder(event), ghost = byId("ghost");
  ghost.hidden = time === null || event.pointerType === "touch";
  if (time === null) return;
  place(ghost, time).firstChild.textContent = clock(time);
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
