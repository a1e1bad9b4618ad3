/* Zoom of the timeline: by buttons, keys, or Ctrl and the wheel. The pictures stay as they are and show which part is in view. */

import { byId, make } from "./shared/elements.js";
import { video, follow, now, place, media, seek, onTime } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { timeUnder } from "./shared/playhead.js";
import { drawTicks } from "./shared/timeline.js";

const MIN_PICTURES = 40; // that stay in view
let factor = 1, from = 0; // how many times larger; seconds at the left edge

const span = () => media.duration / factor;

/* Zoom, keeping a time where it is. */
function zoom(requested, around = now()) {
  const most = Math.max(1, media.duration / (MIN_PICTURES * media.frame));
  const next = Math.min(most, Math.max(1, requested));
  const share = around >= from && around <= from + span() ? (around - from) / span() : 0.5;
  factor = next < 1.01 ? 1 : next;
  pan(around - share * span());
}
function pan(seconds) {
  from = Math.min(media.duration - span(), Math.max(0, seconds));
  fit();
  follow();
}

/* Apply the zoom to what was just drawn. */
export function fit() {
  const rows = byId("rows"), scale = byId("ruler");
  if (!scale) return;
  rows.style.setProperty("--zoom", factor);
  rows.style.setProperty("--from", from / media.duration);
  rows.dataset.zoomed = String(factor > 1);
  drawTicks(scale, from, from + span());
  const strip = rows.querySelector(".strip .track");
  strip.querySelectorAll(".part, .here").forEach((old) => old.remove());
  if (factor > 1) strip.append(place(make("div", { className: "part" }), from, from + span()), place(make("div", { className: "here" }), now()));
  byId("zoom-out").disabled = factor === 1;
}
export function resetZoom() { [factor, from] = [1, 0]; }

onTime((time) => {
  const here = byId("rows").querySelector(".here");
  if (here) place(here, time);
  if (factor === 1 || document.querySelector("[data-held]") || (time >= from && time <= from + span())) return;
  [from] = [Math.min(media.duration - span(), Math.max(0, time - (video.paused ? 0.5 : 0.05) * span()))];
  fit();
});

byId("rows").addEventListener("wheel", (event) => {
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (event.ctrlKey || event.metaKey) zoom(factor * Math.exp(-event.deltaY / 300), timeUnder(event) ?? now());
  else if (factor > 1 && Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(from + (sideways * span()) / 1000);
  else return;
  event.preventDefault();
}, { passive: false });

/* Zoomed in, the pictures are a map of the whole video: press and move there to go to any time. */
byId("rows").addEventListener("pointerdown", (event) => {
  const strip = event.target.closest(".strip .track");
  if (!strip || factor === 1 || event.button) return;
  event.stopImmediatePropagation();
  const go = ({ clientX }) => {
    const box = strip.getBoundingClientRect();
    seek(((clientX - box.left) / box.width) * media.duration);
  };
  strip.setPointerCapture(event.pointerId);
  strip.addEventListener("pointermove", go);
  strip.addEventListener("lostpointercapture", () => strip.removeEventListener("pointermove", go), { once: true });
  go(event);
}, { capture: true });

const closer = () => zoom(factor * 1.6), farther = () => zoom(factor / 1.6);
byId("zoom-in").addEventListener("click", closer);
byId("zoom-out").addEventListener("click", farther);
bind(["+", "−", "0"], "zoom in, out, show the whole timeline", { "+": closer, "=": closer, "-": farther, 0: () => zoom(1) });
