/* The playhead over all lanes, the clock, and scrubbing with a pointer anywhere on the timeline. */

import { at, make } from "./elements.js";
import { video, place, reel, seek, whenever, within } from "./video.js";
import { ticks } from "./timeline.js";
import { clock } from "./words.js";

const edge = (time) => (time < 0.04 * reel.duration ? "left" : time > 0.96 * reel.duration ? "right" : "");

whenever((time) => {
  place(at("head"), time).firstChild.textContent = clock(time);
  at("head").dataset.edge = edge(time);
  const reach = (48 * reel.duration) / at("overlay").clientWidth; // seconds that the playhead's label hides
  for (const [mark, element] of ticks) element.classList.toggle("under", Math.abs(mark - time) < reach);
  at("clock").replaceChildren(make("b", { textContent: clock(time) }), ` / ${clock(reel.duration)}`);
  at("ruler")?.setAttribute("aria-valuenow", time.toFixed(2));
  at("ruler")?.setAttribute("aria-valuetext", `${clock(time)} of ${clock(reel.duration)}`);
  at("stage").dataset.state = video.paused ? "paused" : "playing";
  at("play").setAttribute("aria-label", video.paused ? "Play" : "Pause");
});

/* The time under a pointer, null beside the timeline; `clamped` to the video's ends where asked. */
export function timeUnder(event, { clamped = false } = {}) {
  const box = at("overlay").getBoundingClientRect();
  const time = ((event.clientX - box.left) / box.width) * reel.duration;
  if (clamped) return within(time);
  return time >= 0 && time <= reel.duration ? time : null;
}

function scrub(event) {
  const time = timeUnder(event), ghost = at("ghost");
  ghost.hidden = time === null || event.pointerType === "touch";
  if (time === null) return;
  place(ghost, time).firstChild.textContent = clock(time);
  ghost.dataset.edge = edge(time);
  if (event.type === "pointerdown" ? event.button === 0 : at("rows").hasPointerCapture(event.pointerId)) seek(time);
}

at("rows").addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, .label, [role=slider]:not(#ruler)") || event.button) return;
  at("rows").setPointerCapture(event.pointerId);
  scrub(event);
});
at("rows").addEventListener("pointermove", scrub);
at("rows").addEventListener("pointerleave", () => { at("ghost").hidden = true; });
