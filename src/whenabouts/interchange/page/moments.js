/* The moments shown: each is a bar on its lane and a line in the answers; one of them is selected. */

import { byId, pressed } from "./elements.js";
import { covers, video, now, play, seek, onTime } from "./video.js";

export const moments = [];
export let current = null;

export function selectMoment(moment) {
  for (const [each, on] of [[current, "false"], [moment, "true"]])
    for (const element of each?.elements ?? []) element.setAttribute("aria-current", on);
  current = moment;
  if (moment) requestAnimationFrame(() => { if (moment === current) reveal(moment.elements.at(-1)); }); // after all is written
  document.dispatchEvent(new CustomEvent("choose", { detail: moment }));
}

function reveal(line) {
  const list = byId("answers");
  if (list.hidden || list.scrollHeight <= list.clientHeight) return;
  const [box, room] = [line.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < room.top || box.bottom > room.bottom) list.scrollTop += box.top - room.top - room.height / 3;
}

export function goTo(moment, { playing = true } = {}) {
  selectMoment(moment);
  seek(moment.start);
  if (playing) play();
}

export function onPick(moment) {
  return (event) => {
    if (event.detail) event.currentTarget.blur(); // after a mouse, space means pause again
    goTo(moment);
  };
}

export function goToNeighbour(direction) {
  const time = now(), ordered = [...moments].sort((a, b) => direction * (a.start - b.start));
  const next = ordered.find((moment) => direction * (moment.start - time) > 0.05);
  if (next) goTo(next, { playing: false });
}

onTime((time) => {
  if (pressed("loop") && current && !video.paused && time >= current.end) seek(current.start);
  for (const moment of moments) {
    const on = covers(moment, time);
    if (on === moment.on) continue;
    moment.on = on;
    for (const element of moment.elements) element.classList.toggle("now", on);
  }
});
