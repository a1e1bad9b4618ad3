/* Moments on show: each is a bar on its lane and a line in the answers, and one of them is the current one. */

import { at, pressed } from "./elements.js";
import { covers, video, now, play, seek, whenever } from "./video.js";

export const moments = [];
export let current = null;

export function choose(moment) {
  current = moment;
  for (const other of moments)
    for (const element of other.elements) element.setAttribute("aria-current", String(other === moment));
  if (moment) reveal(moment.elements.at(-1));
  document.dispatchEvent(new CustomEvent("choose", { detail: moment }));
}

function reveal(line) {
  const list = at("answers");
  if (list.scrollHeight <= list.clientHeight) return;
  const [box, room] = [line.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < room.top || box.bottom > room.bottom) list.scrollTop += box.top - room.top - room.height / 3;
}

export function go(moment, { playing = true } = {}) {
  choose(moment);
  seek(moment.start);
  if (playing) play();
}

export function pick(moment) {
  return (event) => {
    if (event.detail) event.currentTarget.blur(); // after a mouse, space means pause again
    go(moment);
  };
}

export function neighbour(direction) {
  const time = now(), ordered = [...moments].sort((a, b) => direction * (a.start - b.start));
  const next = ordered.find((moment) => direction * (moment.start - time) > 0.05);
  if (next) go(next, { playing: false });
}

whenever((time) => {
  if (pressed("loop") && current && !video.paused && time >= current.end) seek(current.start);
  for (const moment of moments)
    for (const element of moment.elements) element.classList.toggle("now", covers(moment, time));
});
