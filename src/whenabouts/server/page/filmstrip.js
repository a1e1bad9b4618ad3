/* The pictures of the part in view, as many as fit: each shows the middle of its stretch, down to every frame. */

import { at } from "./api.js";
import { viewRequest } from "./requests.js";
import { make } from "./shared/elements.js";
import { media, onView, offsetOf, view } from "./shared/video.js";
import { row } from "./shared/timeline.js";

const HEIGHT = 46, MIN_WIDTH = 26, MAX_WIDTH = 110; // pixels
const MAX_KEPT = 600; // pictures

const track = make("div", { className: "track" });
export const filmstrip = row("strip", [], track);
let video = null, aspect = 16 / 9;
const kept = new Map(); // "frames per picture, number": image, the one seen last at the end

/* The pictures of another video; none for null. */
export function showFilm(id, facts) {
  video = id;
  aspect = facts ? facts.width / facts.height : 16 / 9;
  kept.clear();
  draw();
}

/* Frames from one picture to the next: a power of two, so that pictures stay when the view moves a little. */
function stride() {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, HEIGHT * aspect));
  const frames = (view.span * width) / (view.width || 1000) / media.frame;
  return 2 ** Math.max(0, Math.ceil(Math.log2(frames) - 1e-9));
}
function numbers(frames) {
  const long = frames * media.frame, first = Math.max(0, Math.floor(view.from / long + 1e-6));
  const end = Math.ceil(Math.min(media.duration, view.from + view.span) / long - 1e-6);
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).filter((n) => n * long < media.duration - 1e-6);
}
/* What is left at the end has no middle of its stretch: it shows the middle of the rest. */
const isRest = (number, long) => (number + 0.5) * long >= media.duration;
function rest(number, long) {
  const place = new URLSearchParams({ t: ((number * long + media.duration) / 2).toFixed(3), height: 2 * HEIGHT });
  return make("img", { src: at(`/api/videos/${video}/picture?${place}`), alt: "", draggable: false });
}

function draw() {
  const frames = stride(), long = frames * media.frame, shown = [];
  for (const number of numbers(frames)) {
    const key = `${frames} ${number}`, image = kept.get(key) ?? (video && isRest(number, long) ? rest(number, long) : null);
    if (!image) continue;
    kept.delete(key);
    kept.set(key, image);
    const [left, width] = [offsetOf(number * long), long / view.span], own = (HEIGHT * aspect) / (view.width || 1000);
    const wide = width > 2 * own; // then it stands at the start of its stretch, or of what is in view of it
    image.style.left = `${100 * (wide ? Math.max(left, Math.min(0, left + width - own)) : left)}%`;
    image.style.width = `${100 * (wide ? own : width)}%`;
    shown.push(image);
  }
  if (shown.length || !video) track.replaceChildren(...shown);
  ask();
}

const ask = viewRequest(() => {
  if (!video) return null;
  const frames = stride(), missing = numbers(frames).filter((number) => !kept.has(`${frames} ${number}`) && !isRest(number, frames * media.frame));
  if (!missing.length) return null;
  const [first, end] = [missing[0], missing.at(-1) + 1], long = frames * media.frame;
  return `/api/videos/${video}/strip?${new URLSearchParams({ start: first * long, end: end * long, count: end - first })}`;
}, ({ pictures }, path) => {
  const asked = new URL(path, location).searchParams, count = Number(asked.get("count"));
  const long = (Number(asked.get("end")) - Number(asked.get("start"))) / count;
  const [frames, first] = [Math.round(long / media.frame), Math.round(Number(asked.get("start")) / long)];
  pictures.forEach((src, i) => kept.set(`${frames} ${first + i}`, make("img", { src, alt: "", draggable: false })));
  for (const key of [...kept.keys()].slice(0, Math.max(0, kept.size - MAX_KEPT))) kept.delete(key);
  draw();
});

onView(draw);
