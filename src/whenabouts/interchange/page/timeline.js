/* The timeline: a ruler, the video's pictures, and one lane per query with its curve and its moments. */

import { draw, exampleOf, make } from "./elements.js";
import { place, media } from "./video.js";
import { moments, onPick } from "./moments.js";
import { kindEntries, momentStyle } from "./kinds.js";
import { clock, likelihood, range, score, strength } from "./words.js";
import { say } from "./language.js";

export const ticks = []; // [seconds, mark]

function row(kind, label, track) {
  return make("div", { className: `row ${kind}` }, make("div", { className: "label" }, ...label), make("div", { className: "port" }, track));
}

export function ruler() {
  const element = make("div", { id: "ruler", className: "track", tabIndex: 0 });
  const attributes = { role: "slider", "aria-label": say`Time in the video`, "aria-valuemin": 0, "aria-valuemax": media.duration };
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  drawTicks(element, 0, media.duration);
  return row("scale", [], element);
}

/* Mark the times from one that is in view to another, and the end of the video. */
export function drawTicks(element, from, to) {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const most = matchMedia("(max-width: 640px)").matches ? 5 : 10;
  const apart = steps.find((s) => (to - from) / s <= most) || (to - from) / most;
  const last = media.duration - Math.max(0.35 * apart, (to - from) / (1.6 * most));
  ticks.length = 0;
  for (let i = Math.floor(from / apart); i * apart < Math.min(last, to + apart); i += 1)
    ticks.push([i * apart, place(make("span", { textContent: clock(i * apart, apart < 1 ? 1 : 0) }), i * apart)]);
  if (ticks[0]?.[0] === 0) ticks[0][1].className = "first";
  ticks.push([media.duration, make("span", { className: "last", textContent: clock(media.duration) })]);
  element.replaceChildren(...ticks.map(([, mark]) => mark));
}

export function strip(pictures) {
  const images = pictures.map((src) => make("img", { src, alt: "", draggable: false }));
  return row("strip", [], make("div", { className: "track" }, ...images));
}

let drawn = 0; // of all curves, so that each window has a name of its own

function curve(query) {
  if (!query.lane.length) return "";
  const line = query.lane.map(([time, height]) => `${time} ${(1 - 0.9 * height).toFixed(3)}`).join("L");
  const [first, last] = [query.lane[0], query.lane.at(-1)];
  const outline = `M0 ${1 - 0.9 * first[1]}L${line}L${media.duration} ${1 - 0.9 * last[1]}`;
  const pair = (attributes) => draw("g", attributes, draw("path", { class: "area", d: `${outline}V1H0Z` }), draw("path", { class: "edge", d: outline }));
  const svg = draw("svg", { viewBox: `0 0 ${media.duration} 1`, preserveAspectRatio: "none", "aria-hidden": "true" }, pair({}));
  for (const moment of query.moments) {
    const id = `window-${++drawn}`;
    moment.hole = draw("rect", { y: 0, height: 1 });
    const opacity = 0.3 + 0.7 * strength(moment);
    svg.append(draw("clipPath", { id }, moment.hole), pair({ class: momentStyle(moment), opacity, "clip-path": `url(#${id})` }));
  }
  return svg;
}

/* Move everything that shows a moment's ends to where they are. */
export function updateMoment(moment, query) {
  const [bar] = moment.elements;
  place(bar.parentElement, moment.start, moment.end);
  bar.ariaLabel = [say`${query.query}: ${clock(moment.start)} to ${clock(moment.end)}`, score(moment)].filter(Boolean).join(", ");
  moment.hole?.setAttribute("x", moment.start);
  moment.hole?.setAttribute("width", moment.end - moment.start);
}

function bar(moment, query) {
  const button = make("button", { className: `bar ${momentStyle(moment)}`, type: "button" });
  const window = make("div", { className: `window ${momentStyle(moment)}` }, button);
  button.style.setProperty("--score", strength(moment));
  button.addEventListener("click", onPick(moment));
  moment.elements = [button];
  moments.push(moment);
  updateMoment(moment, query);
  return window;
}

function spread(moment) {
  const ends = [[moment.start, moment.spread[0]], [moment.end, moment.spread[1]]].filter(([, reach]) => reach > 0);
  return ends.map(([time, reach]) => {
    const [from, to] = [Math.max(0, time - reach), Math.min(media.duration, time + reach)];
    return place(make("div", { className: `spread ${momentStyle(moment)}`, title: `${clock(time)} ± ${reach.toFixed(1)} s` }), from, to);
  });
}

export function lane(query) {
  const track = make("div", { className: "track" }, curve(query), ...query.moments.map((moment) => bar(moment, query)));
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
