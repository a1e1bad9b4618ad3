/* What is known about each query on the video: the model's answer, people's corrections, and what to show of both. */

import { reel } from "./shared/video.js";

const ABSENT = 0.3; // a presence below this is told as "probably not in this video", as in Prediction
const POINTS = 800; // of a curve

export const queries = []; // on show, in the order asked
export let me = "";
export function call(name) { me = name; }

export function known(text) { return queries.find((query) => query.query === text); }

export function blank(text) {
  return { query: text, prediction: null, pictures: [], presence: null, absent: false, failure: null, notes: [], lane: [],
    moments: [], first: [], truth: [], others: [], agreement: null, mine: false, verdict: "To be marked" };
}

/* Take in a prediction; a correction of mine stays in force. */
export function answered(prediction, pictures = []) {
  let query = known(prediction.query);
  if (!query) queries.push((query = blank(prediction.query)));
  const { presence, failure, notes } = prediction;
  Object.assign(query, { prediction, pictures, presence, failure, notes, lane: heights(prediction.saliency) });
  query.first = prediction.moments.map((moment, rank) => ({ ...moment, thumbnail: pictures[rank] ?? null }));
  if (query.mine) corrected(query, query.moments.map(({ start, end }) => [start, end]));
  else original(query);
  return query;
}

function original(query) {
  query.moments = query.first.map((moment) => ({ ...moment }));
  query.absent = query.presence !== null && query.presence < ABSENT;
  query.mine = false;
  delete query.verdict;
}

/* Windows that I say are right; each keeps what is known of the moment it overlaps most. */
export function corrected(query, windows) {
  const before = [...query.moments, ...query.first];
  query.moments = windows.map(([start, end]) => {
    const like = before.map((moment) => [overlap([start, end], [moment.start, moment.end]), moment]).sort((a, b) => b[0] - a[0])[0];
    const { evidence = [], score = null, thumbnail = null } = like?.[0] > 0.3 ? like[1] : {};
    const same = like?.[0] > 0.999;
    return { start, end, evidence, score, spread: same ? like[1].spread : null, thumbnail: same ? thumbnail : null };
  });
  confirmed(query);
}

/* The moments as they stand are mine. */
export function confirmed(query) {
  query.mine = true;
  query.absent = !query.moments.length;
  query.verdict = query.moments.length ? "Corrected by you" : "Not in this video, you say";
}

export function annotated(annotations) {
  for (const query of queries) query.others = [];
  for (const { query: text, annotator, windows } of annotations) {
    let query = known(text);
    if (!query) queries.push((query = blank(text)));
    if (annotator === me) corrected(query, windows);
    else query.others.push({ annotator, windows });
  }
  queries.forEach(untold);
}
/* What to say of a query that has no answer of the model and none of mine. */
export function untold(query) {
  if (query.prediction || query.mine) return;
  query.verdict = query.others.length ? "Not marked by you" : "To be marked";
}

export function agreed(agreements) {
  for (const query of queries) {
    const told = agreements.find((agreement) => agreement.query === query.query);
    query.agreement = told && told.annotators.length > 1 ? told.tiou : null;
  }
}

/* Another name: what I said before is forgotten here, and told again by the server. */
export function renamed(name) {
  call(name);
  for (const query of queries) if (query.mine) original(query);
}

/* Predictions as they now stand, for other programs. */
export function corrections() {
  return queries.filter((query) => query.prediction || query.moments.length).map((query) => ({
    ...(query.prediction ?? { query: query.query, duration: reel.duration, presence: null }),
    moments: query.moments.map(({ start, end, score, evidence, spread }) => ({ start, end, score: score ?? 1, evidence, spread: spread ?? null })),
  }));
}

function overlap([a, b], [c, d]) {
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
