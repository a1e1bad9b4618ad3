/* A part of the timeline, magnified: by buttons, keys, or a wheel with Ctrl. The pictures stay whole and show which part. */

import { at, make } from "./shared/elements.js";
import { video, follow, now, place, reel, seek, whenever } from "./shared/video.js";
import { bind } from "./shared/keys.js";
import { timeUnder } from "./shared/playhead.js";
import { graduate } from "./shared/timeline.js";

const LEAST = 40; // pictures that stay in sight
let factor = 1, from = 0; // how many times larger; seconds at the left edge

const span = () => reel.duration / factor;

/* Magnify, keeping a time where it is. */
function zoom(wanted, around = now()) {
  const most = Math.max(1, reel.duration / (LEAST * reel.frame));
  const next = Math.min(most, Math.max(1, wanted));
  const share = around >= from && around <= from + span() ? (around - from) / span() : 0.5;
  factor = next < 1.01 ? 1 : next;
  pan(around - share * span());
}
function pan(seconds) {
  from = Math.min(reel.duration - span(), Math.max(0, seconds));
  fit();
  follow();
}

/* Lay out what was just drawn as it was magnified before. */
export function fit() {
  const rows = at("rows"), scale = at("ruler");
  if (!scale) return;
  rows.style.setProperty("--zoom", factor);
  rows.style.setProperty("--from", from / reel.duration);
  rows.dataset.zoomed = String(factor > 1);
  graduate(scale, from, from + span());
  const strip = rows.querySelector(".strip .track");
  strip.querySelectorAll(".part, .here").forEach((old) => old.remove());
  if (factor > 1) strip.append(place(make("div", { className: "part" }), from, from + span()), place(make("div", { className: "here" }), now()));
  at("zoom-out").disabled = factor === 1;
}
export function whole() { [factor, from] = [1, 0]; }

whenever((time) => {
  const here = at("rows").querySelector(".here");
  if (here) place(here, time);
  if (factor === 1 || document.querySelector("[data-held]") || (time >= from && time <= from + span())) return;
  [from] = [Math.min(reel.duration - span(), Math.max(0, time - (video.paused ? 0.5 : 0.05) * span()))];
  fit();
});

at("rows").addEventListener("wheel", (event) => {
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (event.ctrlKey || event.metaKey) zoom(factor * Math.exp(-event.deltaY / 300), timeUnder(event) ?? now());
  else if (factor > 1 && Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(from + (sideways * span()) / 1000);
  else return;
  event.preventDefault();
}, { passive: false });

/* On the magnified timeline the pictures are a map: pressing and moving there goes through the whole video. */
at("rows").addEventListener("pointerdown", (event) => {
  const strip = event.target.closest(".strip .track");
  if (!strip || factor === 1 || event.button) return;
  event.stopImmediatePropagation();
  const go = ({ clientX }) => {
    const box = strip.getBoundingClientRect();
    seek(((clientX - box.left) / box.width) * reel.duration);
  };
  strip.setPointerCapture(event.pointerId);
  strip.addEventListener("pointermove", go);
  strip.addEventListener("lostpointercapture", () => strip.removeEventListener("pointermove", go), { once: true });
  go(event);
}, { capture: true });

const closer = () => zoom(factor * 1.6), farther = () => zoom(factor / 1.6);
at("zoom-in").addEventListener("click", closer);
at("zoom-out").addEventListener("click", farther);
bind(["+", "−", "0"], "magnify the timeline, less, all of it", { "+": closer, "=": closer, "-": farther, 0: () => zoom(1) });
