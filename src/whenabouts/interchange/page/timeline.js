/* The timeline: a ruler, the video's pictures, and one lane per query with its curve and its moments. */

import { byId, draw, exampleOf, make } from "./elements.js";
import { place, media, onView, view } from "./video.js";
import { goTo, moments, onPick } from "./moments.js";
import { kindEntries, momentStyle } from "./kinds.js";
import { showMoments, showView } from "./targets.js";
import { boundary, clock, frames, likelihood, range, score, strength, timecode, timecodes } from "./words.js";
import { say } from "./language.js";

export const ticks = []; // [seconds, mark]
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]; // from one mark to the next
const FRAMES = [1, 2, 5, 10, 15, 20, 30, 50];

export function row(kind, label, track) {
  return make("div", { className: `row ${kind}` }, make("div", { className: "label" }, ...label), make("div", { className: "port" }, track));
}

export function ruler() {
  const element = make("div", { id: "ruler", className: "track", tabIndex: 0 });
  const attributes = { role: "slider", "aria-label": say`Time in the video`, "aria-valuemin": 0, "aria-valuemax": media.duration };
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  drawTicks(element);
  return row("scale", [], element);
}

/* Mark the times in view: by the clock, or by timecode where seconds are too far apart. */
function drawTicks(element) {
  const narrow = matchMedia("(max-width: 640px)").matches, end = view.from + view.span;
  const most = narrow ? 5 : 10, step = SECONDS.find((s) => view.span / s <= most) || view.span / most;
  ticks.length = 0;
  if (view.span / step >= 2) {
    for (let i = Math.ceil(view.from / step); i * step < end; i += 1) tick(i * step, clock(i * step, 0));
  } else {
    const frame = media.labels.rate[1] / media.labels.rate[0], shown = view.span / frame;
    const apart = FRAMES.find((count) => shown / count <= (narrow ? 3 : 8)) ?? Math.ceil(shown / 8);
    for (let i = Math.ceil(boundary(view.from) / apart); i * apart * frame < end; i += 1) tick(i * apart * frame, timecode(i * apart * frame));
  }
  const last = Math.min(media.duration, end) - view.span / (1.4 * most);
  for (const [mark, each] of ticks.splice(0)) if (mark < last && (mark === 0 || mark > view.from + 0.03 * view.span)) ticks.push([mark, each]);
  if (ticks[0]?.[0] === 0) ticks[0][1].className = "first placed";
  if (end >= media.duration) ticks.push([media.duration, make("span", { className: "last", textContent: clock(media.duration) })]);
  element.replaceChildren(...ticks.map(([, mark]) => mark));
}
const tick = (time, textContent) => ticks.push([time, place(make("span", { textContent }), time)]);

export function strip(pictures) {
  const images = pictures.map((src) => make("img", { src, alt: "", draggable: false }));
  return row("strip", [], make("div", { className: "track" }, ...images));
}

let drawn = 0; // windows on curves, so that each has a name of its own

/* The curve, and once more for each kind of moment, seen only where there are such moments. */
function curve(query) {
  if (!query.lane.length) return "";
  const line = query.lane.map(([time, height]) => `${time} ${(1 - 0.9 * height).toFixed(3)}`).join("L");
  const [first, last] = [query.lane[0], query.lane.at(-1)];
  const outline = `M0 ${1 - 0.9 * first[1]}L${line}L${media.duration} ${1 - 0.9 * last[1]}`;
  const pair = (attributes) => draw("g", attributes, draw("path", { class: "area", d: `${outline}V1H0Z` }), draw("path", { class: "edge", d: outline }));
  const svg = draw("svg", { preserveAspectRatio: "none", "aria-hidden": "true", class: "curve" }, pair({}));
  const kinds = new Map();
  for (const moment of query.moments) {
    if (!kinds.has(momentStyle(moment))) kinds.set(momentStyle(moment), draw("clipPath", { id: `window-${++drawn}` }));
    moment.hole = draw("rect", { y: 0, height: 1 });
    kinds.get(momentStyle(moment)).append(moment.hole);
  }
  for (const [style, windows] of kinds) svg.append(windows, pair({ class: style, "clip-path": `url(#${windows.id})` }));
  return showView(svg);
}

onView(() => { if (byId("ruler")) drawTicks(byId("ruler")); });

/* Move everything that shows a moment's ends to where they are. */
export function updateMoment(moment, query) {
  const [bar] = moment.elements;
  place(moment.window, moment.start, moment.end);
  bar.ariaLabel = [`${query.query}: ${range(moment)}`, score(moment)].filter(Boolean).join(", ");
  bar.title = `${timecodes(moment)} · ${frames(moment)}`;
  moment.hole?.setAttribute("x", moment.start);
  moment.hole?.setAttribute("width", moment.end - moment.start);
}

/* The button of a moment, in its window. */
function addBar(moment, query) {
  const button = make("button", { className: `bar ${momentStyle(moment)}`, type: "button", ariaCurrent: "false" });
  moment.style = momentStyle(moment);
  moment.window = make("div", { className: `window ${moment.style}` }, button, make("i"));
  moment.window.style.setProperty("--score", strength(moment));
  button.addEventListener("click", onPick(moment));
  [moment.elements, moment.on, moment.shownBy] = [[button], false, null];
  moments.push(moment);
  updateMoment(moment, query);
}

function spread(moment) {
  const ends = [[moment.start, moment.spread[0]], [moment.end, moment.spread[1]]].filter(([, reach]) => reach > 0);
  return ends.map(([time, reach]) => {
    const [from, to] = [Math.max(0, time - reach), Math.min(media.duration, time + reach)];
    return place(make("div", { className: `spread ${momentStyle(moment)}`, title: `${clock(time)} ± ${reach.toFixed(1)} s` }), from, to);
  });
}

export function lane(query) {
  const track = make("div", { className: "track" }, curve(query));
  for (const moment of query.moments) addBar(moment, query);
  showMoments(track, query.moments, query.query, goTo);
  for (const moment of query.moments) if (moment.spread) track.append(...spread(moment));
  for (const [start, end] of query.truth)
    track.append(place(make("div", { className: "truth", title: say`Truth: ${range({ start, end })}` }), start, end));
  const label = [make("h2", { title: query.query }, ...exampleOf(query), query.query), likelihood(query)];
  return row(query.absent ? "lane absent" : "lane", label, track);
}

export function legend(queries) {
  const entries = kindEntries(new Set(moments.flatMap((moment) => moment.evidence.map(({ kind }) => kind))));
  if (queries.some((query) => query.lane.length)) entries.push(["match", say`how well the video matches over time`]);
  if (moments.some((moment) => moment.spread)) entries.push(["unsure", say`uncertainty of an end`]);
  if (queries.some((query) => query.truth.length)) entries.push(["true", say`true answer`]);
  return entries;
}
export const swatch = ([style, text]) => make("li", { className: style }, make("i"), text);
