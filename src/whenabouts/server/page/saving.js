/* Every correction is saved at once, as one annotator's windows for one query; the latest state wins. */

import { get, put } from "./api.js";
import { attempt, showNotice } from "./notice.js";
import { markUnsaved, me, setAgreements } from "./queries.js";
import { byId } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

const SAVE_DELAY = 350; // milliseconds after the last key, so that ten key presses are one save
const waiting = new Map(); // query → timer
let video = null, last = Promise.resolve();

export function saveTo(id) { flush(); video = id; byId("saved").textContent = say`Saved as`; }

export function save(query, { soon = false } = {}) {
  clearTimeout(waiting.get(query));
  byId("saved").textContent = say`Saving as`;
  const now = () => { waiting.delete(query); last = last.then(() => write(query, video)); };
  if (soon) waiting.set(query, setTimeout(now, SAVE_DELAY));
  else now();
}

async function write(query, id, extra) {
  const windows = query.moments.map(({ start, end }) => [start, end]).sort((a, b) => a[0] - b[0]);
  try {
    await put(`/api/videos/${id}/annotations`, { query: query.query, annotator: me, windows }, extra);
  } catch (error) {
    markUnsaved(query);
    if (id === video) {
      byId("saved").textContent = say`Not saved as`;
      document.dispatchEvent(new CustomEvent("unsaved"));
    }
    return showNotice(say`The correction is not saved. ${translate(error.message)}`);
  }
  if (id !== video || waiting.size) return;
  byId("saved").textContent = say`Saved as`;
  if (query.others.length) document.dispatchEvent(new CustomEvent("saved", { detail: query }));
}

export async function loadAgreement(id) {
  const response = await attempt(() => get(`/api/videos/${id}/agreement`));
  if (response && id === video) setAgreements(response.queries);
  return response;
}

/* Save what is waiting before the page closes or another video opens. */
function flush() {
  for (const [query, timer] of waiting) {
    clearTimeout(timer);
    write(query, video, { keepalive: true });
  }
  waiting.clear();
}
addEventListener("pagehide", flush);
