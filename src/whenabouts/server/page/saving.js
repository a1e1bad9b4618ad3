/* Every correction is saved at once, as one annotator's windows for one query. The version that this page has seen is sent
 * along, so that nobody's is overwritten unseen; what did not arrive is sent again when the server answers. */

import { get, put, remove } from "./api.js";
import { attempt, showNotice } from "./notice.js";
import { findQuery, markCorrected, markUnsaved, me, setAgreements } from "./queries.js";
import { byId } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

const SAVE_DELAY = 350; // milliseconds after the last key, so that ten key presses are one save
const RETRY_DELAY = 5000; // milliseconds, where the server cannot save
const waiting = new Map(); // key → {timer, correction}
const unsaved = new Map(); // key → correction: what did not arrive
const lost = new Map(); // key → bodies that may have arrived, as nobody heard an answer
const conflicts = new Map(); // key → {correction, theirs}: theirs is newer than what was seen, null where it was deleted
const versions = new Map(); // key → the version that was seen; none where there is nothing
let video = null, last = Promise.resolve(), writing = 0, seen = 0, retry = null;

const keyOf = (query, annotator = me, of = video) => JSON.stringify([of, annotator, query]);
const isShown = (correction) => correction.video === video && correction.annotator === me;
const emit = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

export function saveTo(id) { flush(); video = id; showState(); }
export const isSaving = () => waiting.size > 0 || writing > 0;
/* Whether what is shown of a query is not what the server has. */
export const isPending = (query) => [waiting, unsaved, conflicts].some((map) => map.has(keyOf(query.query)));

/* What the server has, in a list that may be older than what was saved since: whether it is news. */
export const isNews = (version) => version >= seen;
export const versionOf = (query) => versions.get(keyOf(query.query)) ?? null;
export function markSeen(query, saved) {
  if (saved) versions.set(keyOf(query), saved.version); else versions.delete(keyOf(query));
}

export function save(query, { soon = false } = {}) {
  const key = keyOf(query.query), { mine, job } = query;
  const moments = [...query.moments].sort((a, b) => a.start - b.start);
  const windows = moments.map(({ start, end }) => [start, end]), kinds = moments.map(({ provenance }) => provenance);
  const correction = { key, video, annotator: me, query: query.query, body: mine ? { query: query.query, annotator: me, windows, window_provenance: kinds, job } : null };
  clearTimeout(waiting.get(key)?.timer);
  const now = () => { waiting.delete(key); send(correction); };
  waiting.set(key, { correction, timer: soon ? setTimeout(now, SAVE_DELAY) : null });
  if (!soon) now();
  showState();
}
function send(correction) {
  writing += 1;
  last = last.then(() => write(correction)).finally(() => { writing -= 1; showState(); });
}

async function write(correction, extra = {}) {
  const { key, body } = correction, version = versions.get(key) ?? null;
  if (conflicts.has(key)) { conflicts.get(key).correction = correction; return emit("conflict"); }
  const headers = version === null ? { "If-None-Match": "*" } : { "If-Match": `"${version}"` }, path = `/api/videos/${correction.video}/annotations`;
  try {
    if (body) versions.set(key, heard(await put(path, body, { headers, ...extra })));
    else if (version === null && lost.has(key)) return await meet(correction); // what is taken back may have arrived
    else if (version !== null) {
      heard(await remove(`${path}?${new URLSearchParams({ query: correction.query, annotator: correction.annotator })}`, { headers, ...extra }));
      versions.delete(key);
    }
    arrived(correction);
  } catch (error) {
    if (error.status === 412 || error.status === 404) await meet(correction);
    else fail(correction, error);
  }
}
function heard({ version }) {
  seen = Math.max(seen, version);
  return version;
}

function arrived(correction) {
  const query = isShown(correction) && unsaved.has(correction.key) ? findQuery(correction.query) : null;
  unsaved.delete(correction.key);
  lost.delete(correction.key);
  if (query?.mine) { markCorrected(query); emit("unsaved"); }
  if (!unsaved.size) emit("arrived");
  if (isShown(correction) && findQuery(correction.query)?.others.length) emit("saved");
}
function fail(correction, error) {
  unsaved.set(correction.key, correction);
  if (!error.status) lost.set(correction.key, [...(lost.get(correction.key) ?? []), correction.body]);
  const query = isShown(correction) && findQuery(correction.query);
  if (query) { markUnsaved(query); emit("unsaved"); }
  if (error.status >= 500) retry ??= setTimeout(resend, RETRY_DELAY);
  showNotice(say`The correction is not saved. ${translate(error.message)}`, { until: "arrived" });
}
function resend() {
  clearTimeout(retry);
  retry = null;
  for (const correction of unsaved.values()) if (!waiting.has(correction.key)) send(correction);
}
document.addEventListener("answering", resend);

/* Somebody changed it meanwhile, or the answer to the same correction was lost. */
async function meet(correction) {
  const list = await get(`/api/videos/${correction.video}/annotations`).catch((error) => fail(correction, error));
  if (!list) return;
  const theirs = list.annotations.find(({ query, annotator }) => query === correction.query && annotator === correction.annotator) ?? null;
  const isMine = (lost.get(correction.key) ?? []).some((body) => isSame(theirs, body));
  if (isMine || isSame(theirs, correction.body)) {
    if (theirs) versions.set(correction.key, theirs.version); else versions.delete(correction.key);
    if (isSame(theirs, correction.body)) return arrived(correction);
    lost.delete(correction.key); // what was sent before has arrived, and this comes after it
    return write(correction);
  }
  unsaved.delete(correction.key);
  conflicts.set(correction.key, { correction, theirs });
  emit("conflict");
}
const isSame = (saved, body) => (saved && body ? ["windows", "window_provenance"].every((name) => JSON.stringify(saved[name]) === JSON.stringify(body[name])) : saved === body);

export const openConflicts = () => [...conflicts.values()].filter(({ correction }) => isShown(correction));
/* End a conflict: this page's state is saved in place of theirs, or theirs is shown. */
export function settle({ correction, theirs }, keepMine) {
  conflicts.delete(correction.key);
  if (theirs) versions.set(correction.key, theirs.version); else versions.delete(correction.key);
  if (keepMine) send(correction);
  emit("conflict");
  if (!keepMine) emit("theirs", { query: findQuery(correction.query), saved: theirs });
  showState();
}

function showState() {
  const here = (map) => [...map.values()].some((each) => (each.correction ?? each).video === video);
  byId("saved").textContent = here(unsaved) || here(conflicts) ? say`Not saved as` : isSaving() ? say`Saving as` : say`Saved as`;
}

export async function loadAgreement(id) {
  const response = await attempt(() => get(`/api/videos/${id}/agreement`));
  if (response && id === video) setAgreements(response.queries);
  return response;
}

/* Save what is waiting before the page closes, another video opens or the annotator changes. */
export function flush({ keepalive = false } = {}) {
  for (const { correction, timer } of [...waiting.values()]) {
    clearTimeout(timer);
    waiting.delete(correction.key);
    if (keepalive) write(correction, { keepalive }); else send(correction);
  }
}
addEventListener("pagehide", () => flush({ keepalive: true }));
addEventListener("beforeunload", (event) => { if (unsaved.size || conflicts.size) event.preventDefault(); });
