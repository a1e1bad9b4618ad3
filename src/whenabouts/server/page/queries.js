/* The queries on the video: for each the model's answer, the corrections of annotators, and what to show of both. */

import { media } from "./shared/video.js";
import { say, translate } from "./shared/language.js";

const POINTS = 800; // of a curve

export const queries = []; // those shown, in the order in which they were sent
let absentBelow = 0; // a presence below this means "probably not in this video"
export function setAbsentBelow(presence) { absentBelow = presence; }
export let me = "";
export function setAnnotator(name) { me = name; }

export function findQuery(text) { return queries.find((query) => query.query === text); }

export function newQuery(text) {
  return { query: text, prediction: null, pictures: [], presence: null, absent: false, failure: null, notes: [], lane: [],
    moments: [], first: [], truth: [], others: [], agreement: null, mine: false, job: null, answerJob: null, verdict: say`Not marked yet` };
}

/* Queries that were sent have their lane at once. */
export function addWaiting(texts) {
  for (const text of texts) {
    if (!findQuery(text)) queries.push({ ...newQuery(text), verdict: say`Looking for it` });
    findQuery(text).waiting = true;
  }
}
/* Their job ended without an answer. */
export function endWaiting(texts) {
  for (const query of queries.filter((each) => each.waiting && texts.includes(each.query))) {
    query.waiting = false;
    if (query.prediction && !query.mine) query.verdict = say`Stopped before all was looked at`;
    if (!query.prediction && !query.mine && !query.others.length) queries.splice(queries.indexOf(query), 1);
  }
}

/* How a query was read, in the reader's language; what is sought stays as it was written. */
export function setUnderstood(query, { understood }, words) {
  const sought = [understood?.event, understood?.words];
  const parts = words.split(" · ").map((part) => (sought.includes(part.replace(/^“|”$/g, "")) ? part : translate(part)));
  query.understood = words && words !== query.query ? `${say`understood as`}: ${parts.join(" · ")}` : "";
}

/* Add a prediction of a job; a correction of this annotator stays in force. */
export function addPrediction(prediction, pictures = [], job = null) {
  let query = findQuery(prediction.query);
  if (!query) queries.push((query = newQuery(prediction.query)));
  const { presence, failure, notes } = prediction;
  Object.assign(query, { prediction, pictures, presence, failure, notes, lane: heights(prediction.saliency), answerJob: job });
  query.first = prediction.moments.map((moment, rank) => ({ ...moment, thumbnail: pictures[rank] ?? null, provenance: "model" }));
  if (query.mine) setWindows(query, query.moments.map(({ start, end }) => [start, end]), query.moments.map(({ provenance }) => provenance));
  else restorePrediction(query);
  return query;
}

/* Show what the model answered, as if this annotator had said nothing. */
export function restorePrediction(query, moments = query.first.map((moment) => ({ ...moment }))) {
  query.moments = moments;
  query.absent = query.presence !== null && query.presence < absentBelow;
  query.mine = false;
  query.job = query.answerJob;
  delete query.verdict;
  setVerdict(query);
}

/* Set the windows of this annotator, with the provenance of each, by default "edited"; each keeps the evidence and score of
   the moment that it overlaps most. */
export function setWindows(query, windows, provenance) {
  const before = [...query.moments, ...query.first];
  query.moments = windows.map(([start, end], i) => {
    const like = before.map((moment) => [overlap([start, end], [moment.start, moment.end]), moment]).sort((a, b) => b[0] - a[0])[0];
    const { evidence = [], score = null, thumbnail = null } = like?.[0] > 0.3 ? like[1] : {};
    const same = like?.[0] > 0.999;
    return { start, end, evidence, score, spread: same ? like[1].spread : null, thumbnail: same ? thumbnail : null, provenance: provenance?.[i] ?? "edited" };
  });
  markCorrected(query);
}

/* Make the current moments the correction of this annotator. */
export function markCorrected(query) {
  query.mine = true;
  query.absent = !query.moments.length;
  const checked = query.moments.filter(isChecked).length;
  if (!query.moments.length) query.verdict = say`Marked by you as not in this video`;
  else if (checked < query.moments.length) query.verdict = say`${checked} of ${query.moments.length} moments checked by you`;
  else query.verdict = query.moments.every(({ provenance }) => provenance === "confirmed") ? say`Confirmed by you` : say`Corrected by you`;
}
/* Whether a person has said so: the other moments of an answer stay the model's. */
export const isChecked = (moment) => moment.provenance !== "model";

/* The server could not keep the correction: it is on this page alone. */
export function markUnsaved(query) { query.verdict = say`Corrected by you, but not saved`; }

/* What annotators saved; `keep` says of which queries this annotator's own stays as it is shown. */
export function addAnnotations(annotations, keep = () => false) {
  for (const query of queries) query.others = [];
  for (const annotation of annotations) {
    const { query: text, annotator, windows, window_provenance: kinds } = annotation;
    let query = findQuery(text);
    if (!query) queries.push((query = newQuery(text)));
    if (annotator !== me) query.others.push({ annotator, windows: windows.filter((_, i) => kinds?.[i] !== "model") });
    else if (!keep(query)) addOwn(query, annotation);
  }
  queries.forEach(setVerdict);
}
/* Show what this annotator saved, or that there is nothing. */
export function addOwn(query, saved) {
  if (!saved) return restorePrediction(query);
  query.job = saved.job;
  setWindows(query, saved.windows, saved.window_provenance);
}
/* What to say of a query without an answer of the model or of this annotator. */
export function setVerdict(query) {
  if (query.prediction || query.mine || query.waiting) return;
  query.verdict = query.others.length ? say`Not marked by you` : say`Not marked yet`;
}

export function setAgreements(agreements) {
  for (const query of queries) {
    const found = agreements.find((agreement) => agreement.query === query.query);
    query.agreement = found && found.annotators.length > 1 ? found.tiou : null;
  }
}

/* Another annotator: corrections are dropped here and loaded again from the server. */
export function changeAnnotator(name) {
  setAnnotator(name);
  for (const query of queries) if (query.mine) restorePrediction(query);
}

/* The predictions as corrected, for other programs: what a person checked is theirs, the rest is the model's. */
export function correctedPredictions() {
  return queries.filter((query) => query.prediction || query.moments.length).flatMap((query) => {
    if (!query.mine) return [handedOn(query, query.moments, query.presence, null)];
    const left = query.moments.filter((moment) => !isChecked(moment));
    const mine = handedOn(query, query.moments.filter(isChecked), null, me); // it is there, whatever the model said
    return left.length ? [mine, handedOn(query, left, query.presence, null)] : [mine];
  });
}
const handedOn = (query, moments, presence, annotator) => ({
  ...(query.prediction ?? { query: query.query, duration: media.duration }), presence, annotator,
  moments: moments.map(({ start, end, score, evidence, spread }) => ({ start, end, score: score ?? 1, evidence, spread: spread ?? null })),
});

export function overlap([a, b], [c, d]) {
  const both = Math.max(0, Math.min(b, d) - Math.max(a, c));
  return both / (b - a + (d - c) - both || 1);
}

/* A saliency curve as [time, height in 0..1], thinned so that its peaks stay. */
function heights(saliency) {
  const points = (saliency?.times ?? []).map((time, i) => [time, saliency.values[i]]).filter(([, value]) => Number.isFinite(value));
  if (!points.length) return [];
  const values = points.map(([, value]) => value);
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  const every = Math.ceil(points.length / POINTS), thinned = [];
  for (let i = 0; i < points.length; i += every) {
    const peak = points.slice(i, i + every).reduce((a, [, value]) => Math.max(a, value), low);
    thinned.push([points[i][0], (peak - low) / Math.max(high - low, 1e-9)]);
  }
  return thinned;
}
