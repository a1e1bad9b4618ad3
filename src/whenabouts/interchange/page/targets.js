/* The moments on a track, each with 24 px of its own to press: those that begin closer together share one target, which says
 * how many they are and makes room for them, or goes through them one by one. Only what is in view is in the document. */

import { byId, draw, make } from "./elements.js";
import { current } from "./moments.js";
import { offsetOf, onView, place, placeAgain, view } from "./video.js";
import { many, range, timecodes } from "./words.js";

const TARGET = 24; // pixels
const AROUND = 400; // pixels around the window in which tracks are kept up to date
const laneWidth = () => view.width || byId("overlay").clientWidth;
const across = (time) => laneWidth() * Math.min(1, Math.max(0, offsetOf(time)));

/* Where the button of a stretch begins, in pixels: it is wider than what is too narrow. */
const edgeOf = ({ start, end }) => Math.min(across(start), (across(start) + across(end) - TARGET) / 2);
const isInView = ({ start, end }) => offsetOf(end) >= 0 && offsetOf(start) <= 1;
const hasFocus = ({ handles }) => handles?.includes(document.activeElement);

/* Stretches {start, end, moments}, of which each begins 24 px after the one before it. */
function grouped(moments) {
  const stretches = [];
  const shown = moments.filter((moment) => isInView(moment) || hasFocus(moment)).map((moment) => [edgeOf(moment), moment]);
  for (const [edge, moment] of shown.sort(([a, one], [b, other]) => a - b || one.start - other.start)) {
    const last = stretches.at(-1);
    if (!last || edge - edgeOf(last) >= TARGET) stretches.push({ start: moment.start, end: moment.end, moments: [moment] });
    else Object.assign(last, { start: Math.min(last.start, moment.start), end: Math.max(last.end, moment.end), moments: [...last.moments, moment] });
  }
  return stretches;
}

/* Let a track show moments {start, end, window, style}. `name` says whose they are; `pick` goes to one of them. */
export function showMoments(track, moments, name, pick) {
  const windows = make("div", { className: "windows" }), outlines = draw("svg", { preserveAspectRatio: "none", "aria-hidden": "true", class: "outlines" });
  const shared = []; // targets of several moments, used again
  windows.append(outlines);
  track.append(windows);

  function target(number, stretch) {
    const window = (shared[number] ??= sharedTarget(pick)), [button] = window.children, { moments: inside } = stretch;
    const styles = new Set(inside.map(({ style }) => style));
    window.inside = inside;
    window.className = `window several ${styles.size === 1 ? inside[0].style : "kind-none"}`;
    button.ariaCurrent = String(inside.includes(current));
    const [text, said, title] = [String(inside.length), `${name}: ${many(inside.length, "moment", "moments")}, ${range(stretch)}`, timecodes(stretch)];
    if (button.ariaLabel !== said) [button.firstChild.textContent, button.ariaLabel, button.title] = [text, said, title];
    return place(window, stretch.start, stretch.end);
  }

  track.lay = () => {
    const active = document.activeElement, held = active.closest(".window"), had = held?.inside?.[0] ?? moments.find(({ window }) => window === held);
    const wanted = [outlines], drawn = new Map();
    let number = 0;
    for (const stretch of grouped(moments)) {
      const [first] = stretch.moments, alone = stretch.moments.length === 1;
      wanted.push(alone ? place(first.window, first.start, first.end) : target(number++, stretch));
      for (const moment of stretch.moments) {
        moment.shownBy = wanted.at(-1);
        moment.window.inert = !alone;
        if (!alone) drawn.set(moment.style, `${drawn.get(moment.style) ?? ""}M${moment.start} .12H${moment.end}V.88H${moment.start}Z`);
        if (!alone && moment === current) wanted.push(place(moment.window, moment.start, moment.end)); // seen, while the whole is pressed
        wanted.push(...(moment.handles ?? []));
      }
    }
    outline(outlines, drawn);
    arrange(windows, wanted);
    for (const svg of track.getElementsByClassName("curve")) showView(svg);
    placeAgain(track, ":scope > .placed");
    const next = windows.contains(active) && !held?.inert && (!held?.inside || held.inside.includes(had)) ? active : had && pressable(had);
    if (next && next !== document.activeElement) next.focus({ preventScroll: true }); // the keyboard stays where it was
  };
  track.classList.add("laid");
  for (const moment of moments) moment.track = track;
  track.lay();
  nearby.observe(track);
}

export function showView(svg) {
  svg.setAttribute("viewBox", `${view.from} 0 ${view.span} 1`);
  return svg;
}

/* What is pressed to get to a moment. */
export const pressable = ({ shownBy, window }) => (shownBy ?? window).firstChild;

let lastPicked = null;
function sharedTarget(pick) {
  const button = make("button", { className: "bar", type: "button" }, make("span")), window = make("div", {}, button, make("i"));
  button.addEventListener("click", (event) => {
    if (event.detail) button.blur();
    const { inside } = window;
    if (!document.dispatchEvent(new CustomEvent("several", { detail: inside, cancelable: true }))) return; // there is room for each of them now
    lastPicked = inside[(inside.indexOf(lastPicked) + 1) % inside.length];
    pick(lastPicked);
  });
  return window;
}

function outline(svg, drawn) {
  while (svg.childElementCount > drawn.size) svg.lastChild.remove();
  [...drawn].forEach(([style, d], number) => {
    const path = svg.children[number] ?? svg.appendChild(draw("path"));
    path.setAttribute("class", style);
    path.setAttribute("d", d);
  });
  showView(svg);
}

/* Give an element these children; what stands right already is left alone. */
export function arrange(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
}

/* Tracks far from the window wait until they come near. */
const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.isFar = !isIntersecting;
    if (isIntersecting && target.isLate) layTrack(target);
  }
}, { rootMargin: `${AROUND}px` });
/* Lay the moments of a track anew, at once where it can be seen. */
export function layTrack(track) {
  track.isLate = Boolean(track.isFar);
  if (!track.isFar) track.lay();
}
onView(() => { for (const track of byId("rows").getElementsByClassName("laid")) layTrack(track); });
let lastCurrent = null;
document.addEventListener("choose", () => {
  for (const track of new Set([lastCurrent?.track, current?.track])) if (track?.isConnected) layTrack(track);
  lastCurrent = current;
});
