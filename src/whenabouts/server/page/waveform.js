/* The sound of the part in view as a curve of its loudest samples; a video without sound has no such row. */

import { viewRequest } from "./requests.js";
import { make } from "./shared/elements.js";
import { media, onView, view } from "./shared/video.js";
import { row } from "./shared/timeline.js";
import { say } from "./shared/language.js";

const HEIGHT = 30; // pixels
const MAX_KEPT = 12; // answers
const FINENESS = 2; // heights for each pixel of the view, so that zooming in a little asks for nothing

const canvas = make("canvas");
canvas.role = "img";
canvas.ariaLabel = say`Loudness of the sound`;
const track = make("div", { className: "track" }, canvas);
export const waveform = row("wave", [], track);
let video = null, colour = "", kept = []; // {path, start, end, heights, partial}, the newest at the end

/* The sound of another video; none for null. */
export function showSound(id, has) {
  video = has ? id : null;
  waveform.hidden = !video;
  kept = [];
  draw();
}

/* The stretch to ask for: the view with half as much on either side, on a grid. */
function wanted() {
  const grid = 2 ** Math.floor(Math.log2(view.span / 4));
  const start = Math.max(0, Math.floor((view.from - view.span / 2) / grid) * grid);
  const end = Math.min(media.duration, Math.ceil((view.from + 1.5 * view.span) / grid) * grid);
  const count = Math.min(4000, Math.ceil((FINENESS * view.width * (end - start)) / view.span));
  return { start, end, count: Math.max(1, count) };
}
const fineness = ({ start, end, heights }) => heights.length / (end - start);
const inView = ({ start, end }) => start <= view.from && end >= Math.min(media.duration, view.from + view.span) - 1e-6;
const fine = (known) => inView(known) && fineness(known) * view.span >= 0.5 * view.width;

const ask = viewRequest(() => {
  if (!video || !view.width || kept.some((known) => fine(known) && !known.partial)) return null;
  const { start, end, count } = wanted();
  return `/api/videos/${video}/waveform?${new URLSearchParams({ start, end, count })}`;
}, ({ heights, partial }, path) => {
  const asked = new URL(path, location).searchParams, before = kept.find((known) => known.path === path);
  const read = (known) => known?.heights.reduce((sum, height) => sum + (height !== null), 0) ?? -1;
  const answer = { path, start: Number(asked.get("start")), end: Number(asked.get("end")), heights, partial };
  const more = partial && read(answer) > read(before);
  kept = [...kept.filter((known) => known.path !== path), answer].slice(-MAX_KEPT);
  draw({ asking: false });
  return more;
});

function draw({ asking = true } = {}) {
  if (asking) ask();
  const { width } = view, scale = devicePixelRatio || 1;
  if (!video || !width) return;
  Object.assign(canvas, { width: Math.round(width * scale), height: HEIGHT * scale });
  const best = kept.filter(inView).sort((a, b) => fineness(a) - fineness(b)).at(-1);
  if (!best) return;
  const brush = canvas.getContext("2d"), every = 1 / fineness(best);
  brush.scale(scale, scale);
  brush.fillStyle = colour ||= getComputedStyle(track).color;
  for (let x = 0; x < width; x += 1) {
    const [from, to] = [x, x + 1].map((each) => (view.from + (each * view.span) / width - best.start) / every);
    let loudest = null;
    for (let i = Math.floor(from); i < Math.max(Math.floor(from) + 1, Math.floor(to)) && i < best.heights.length; i += 1)
      if (best.heights[i] !== null) loudest = Math.max(loudest ?? 0, best.heights[i]);
    if (loudest === null) continue;
    const tall = Math.max(1, (loudest / 255) * (HEIGHT - 2));
    brush.fillRect(x, (HEIGHT - tall) / 2, 1, tall);
  }
}

onView(draw);
new MutationObserver(() => { colour = ""; draw({ asking: false }); }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
