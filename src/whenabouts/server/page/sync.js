/* What is saved elsewhere, as it happens: by other annotators, and by this one in another window. */

import { annotationEvents } from "./api.js";
import { addAnnotations, addOwn, me, queries } from "./queries.js";
import { isNews, isPending, isSaving, markSeen, versionOf } from "./saving.js";

const PATIENCE = 200; // milliseconds between two looks whether the hands are still
const RETRY_DELAY = 3000; // milliseconds after a stream of events was refused
let of = null, isHidden = () => false, stop = null, latest = null, timer = null, others = null;

/* Follow the annotations of a video, null for none; queries that are hidden stay so. */
export function followAnnotations(id, hides = () => false) {
  stop?.();
  clearTimeout(timer);
  [of, isHidden, stop, latest, others] = [id, hides, null, null, null];
  listen();
}
function listen() {
  const id = of;
  if (id === null || stop || document.hidden) return;
  stop = annotationEvents(id, (list) => { if (id === of) { latest = list; takeUp(); } }, () => {
    stop = null;
    setTimeout(listen, RETRY_DELAY);
  });
}
document.addEventListener("visibilitychange", listen);

/* Show the newest list, but change nothing under a hand, and nothing that is on its way to the server. */
function takeUp() {
  clearTimeout(timer);
  if (isSaving() || document.querySelector("[data-held]")) { timer = setTimeout(takeUp, PATIENCE); return; }
  if (!isNews(latest.version)) return; // older than what this page has saved since: a newer one comes
  const annotations = latest.annotations.filter(({ query }) => !isHidden(query));
  const known = new Set(queries.map(({ query }) => query));
  const changed = queries.filter((query) => !isPending(query) && takeOwn(query, annotations));
  const before = others;
  others = JSON.stringify(annotations.filter(({ annotator }) => annotator !== me));
  addAnnotations(annotations, ({ query }) => known.has(query));
  markNew(annotations, known);
  if (changed.length || queries.length > known.size || (before ?? others) !== others) document.dispatchEvent(new CustomEvent("news", { detail: changed }));
}
function takeOwn(query, annotations) {
  const saved = own(annotations, query.query);
  if ((saved?.version ?? null) === versionOf(query)) return false;
  markSeen(query.query, saved);
  addOwn(query, saved);
  return true;
}
function markNew(annotations, known) {
  for (const saved of annotations) if (saved.annotator === me && !known.has(saved.query)) markSeen(saved.query, saved);
}
const own = (annotations, text) => annotations.find(({ query, annotator }) => query === text && annotator === me);

/* Show annotations that were just read, with their versions. */
export function showAnnotations(annotations) {
  addAnnotations(annotations, isPending);
  for (const query of queries) if (!isPending(query)) markSeen(query.query, own(annotations, query.query));
}
