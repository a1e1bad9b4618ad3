/* Every correction is saved at once, as one annotator's windows for one query. The version that this page has seen is sent
 * along, so that nobody's is overwritten unseen; what did not arrive is sent again when the server answers. */

import { get, put, remove } from "./api.js";
import { attempt, showNotice } from "./notice.js";
import { findQuery, markCorrected, markUnsaved, me, setAgreements } from "./queries.js";
import { byId } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

const SAVE_DELAY = 350; // milliseconds after the last key, so that ten key presses are one save
const RETRY_DELAY = 5000; // milliseconds, where the server cannot save
const waiting = new Map(); // key → {timer, said}
const unsaved = new Map(); // key → said: what did not arrive
const lost = new Map(); // key → bodies that may have arrived, as nobody heard an answer
const conflicts = new Map(); // key → {said, theirs}: theirs is newer than what was seen, null where it was deleted
const versions = new Map(); // key → the version that was seen; none where there is nothing
let video = null, last = Promise.resolve(), writing = 0, seen = 0, retry = null;

const keyOf = (query, annotator = me, of = video) => JSON.stringify([of, annotator, query]);
const isShown = (said) => said.video === video && said.annotator === me;
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
  const said = { key, video, annotator: me, query: query.query, body: mine ? { query: query.query, annotator: me, windows, window_provenance: kinds, job } : null };
  clearTimeout(waiting.get(key)?.timer);
  const now = () => { waiting.delete(key); send(said); };
  waiting.set(key, { said, timer: soon ? setTimeout(now, SAVE_DELAY) : null });
  if (!soon) now();
  showState();
}
function send(said) {
  writing += 1;
  last = last.then(() => write(said)).finally(() => { writing -= 1; showState(); });
}

async function write(said, extra = {}) {
  const { key, body } = said, version = versions.get(key) ?? null;
  if (conflicts.has(key)) { conflicts.get(key).said = said; return emit("conflict"); }
  const headers = version === null ? { "If-None-Match": "*" } : { "If-Match": `"${version}"` }, path = `/api/videos/${said.video}/annotations`;
  try {
    if (body) versions.set(key, heard(await put(path, body, { headers, ...extra })));
    else if (version === null && lost.has(key)) return await meet(said); // what is taken back may have arrived
    else if (version !== null) {
      heard(await remove(`${path}?${new URLSearchParams({ query: said.query, annotator: said.annotator })}`, { headers, ...extra }));
      versions.delete(key);
    }
    arrived(said);
  } catch (error) {
    if (error.status === 412 || error.status === 404) await meet(said);
    else fail(said, error);
  }
}
function heard({ version }) {
  seen = Math.max(seen, version);
  return version;
}

function arrived(said) {
  const query = isShown(said) && unsaved.has(said.key) ? findQuery(said.query) : null;
  unsaved.delete(said.key);
  lost.delete(said.key);
  if (query?.mine) { markCorrected(query); emit("unsaved"); }
  if (!unsaved.size) emit("arrived");
  if (isShown(said) && findQuery(said.query)?.others.length) emit("saved");
}
function fail(said, error) {
  unsaved.set(said.key, said);
  if (!error.status) lost.set(said.key, [...(lost.get(said.key) ?? []), said.body]);
  const query = isShown(said) && findQuery(said.query);
  if (query) { markUnsaved(query); emit("unsaved"); }
  if (error.status >= 500) retry ??= setTimeout(resend, RETRY_DELAY);
  showNotice(say`The correction is not saved. ${translate(error.message)}`, { until: "arrived" });
}
function resend() {
  clearTimeout(retry);
  retry = null;
  for (const said of unsaved.values()) if (!waiting.has(said.key)) send(said);
}
document.addEventListener("answering", resend);

/* Somebody changed it meanwhile, or the answer to the same correction was lost. */
async function meet(said) {
  const list = await get(`/api/videos/${said.video}/annotations`).catch((error) => fail(said, error));
  if (!list) return;
  const theirs = list.annotations.find(({ query, annotator }) => query === said.query && annotator === said.annotator) ?? null;
  const isMine = (lost.get(said.key) ?? []).some((body) => isSame(theirs, body));
  if (isMine || isSame(theirs, said.body)) {
    if (theirs) versions.set(said.key, theirs.version); else versions.delete(said.key);
    if (isSame(theirs, said.body)) return arrived(said);
    lost.delete(said.key); // what was sent before has arrived, and this comes after it
    return write(said);
  }
  unsaved.delete(said.key);
  conflicts.set(said.key, { said, theirs });
  emit("conflict");
}
const isSame = (saved, body) => (saved && body ? ["windows", "window_provenance"].every((name) => JSON.stringify(saved[name]) === JSON.stringify(body[name])) : saved === body);

export const openConflicts = () => [...conflicts.values()].filter(({ said }) => isShown(said));
/* End a conflict: this page's state is saved in place of theirs, or theirs is shown. */
export function settle({ said, theirs }, keepMine) {
  conflicts.delete(said.key);
  if (theirs) versions.set(said.key, theirs.version); else versions.delete(said.key);
  if (keepMine) send(said);
  emit("conflict");
  if (!keepMine) emit("theirs", { query: findQuery(said.query), saved: theirs });
  showState();
}

function showState() {
  const here = (map) => [...map.values()].some((each) => (each.said ?? each).video === video);
  byId("saved").textContent = here(unsaved) || here(conflicts) ? say`Not saved as` : isSaving() ? say`Saving as` : say`Saved as`;
}

export async function loadAgreement(id) {
  const response = await attempt(() => get(`/api/videos/${id}/agreement`));
  if (response && id === video) setAgreements(response.queries);
  return response;
}

/* Save what is waiting before the page closes, another video opens or the annotator changes. */
export function flush({ keepalive = false } = {}) {
  for (const { said, timer } of [...waiting.values()]) {
    clearTimeout(timer);
    waiting.delete(said.key);
    if (keepalive) write(said, { keepalive }); else send(said);
  }
}
addEventListener("pagehide", () => flush({ keepalive: true }));
addEventListener("beforeunload", (event) => { if (unsaved.size || conflicts.size) event.preventDefault(); });
