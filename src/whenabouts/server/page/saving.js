/* Every correction is saved at once, as one annotator's windows for one query; the last state always wins. */

import { get, put } from "./api.js";
import { attempt, tell } from "./notice.js";
import { agreed, me, queries } from "./queries.js";
import { at } from "./shared/elements.js";

const WAIT = 350; // milliseconds of rest after a key, so that ten nudges are one save
const waiting = new Map(); // query → timer
let video = null, last = Promise.resolve();

export function savesTo(id) { flush(); video = id; at("saved").textContent = "Saved as"; }

export function save(query, { soon = false } = {}) {
  clearTimeout(waiting.get(query));
  at("saved").textContent = "Saving as";
  const now = () => { waiting.delete(query); last = last.then(() => write(query, video)); };
  if (soon) waiting.set(query, setTimeout(now, WAIT));
  else now();
}

async function write(query, id, extra) {
  const windows = query.moments.map(({ start, end }) => [start, end]).sort((a, b) => a[0] - b[0]);
  try {
    await put(`/api/videos/${id}/annotations`, { query: query.query, annotator: me, windows }, extra);
  } catch (error) {
    at("saved").textContent = "Not saved as";
    return tell(`The correction is not saved. ${error.message}`);
  }
  if (id !== video || waiting.size) return;
  at("saved").textContent = "Saved as";
  if (query.others.length) document.dispatchEvent(new CustomEvent("saved", { detail: query }));
}

export async function agreement(id) {
  const told = await attempt(() => get(`/api/videos/${id}/agreement`));
  if (told && id === video) agreed(told.queries);
  return told;
}

/* What still waits goes out before the page closes or another video opens. */
function flush() {
  for (const [query, timer] of waiting) {
    clearTimeout(timer);
    write(query, video, { keepalive: true });
  }
  waiting.clear();
}
addEventListener("pagehide", flush);
export const unsaved = () => queries.some((query) => waiting.has(query));
