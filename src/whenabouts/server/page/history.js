/* What can be undone and done again: the state of a query before and after each change, as it was to the last detail. */

import { markCorrected, restorePrediction } from "./queries.js";
import { isSameCut } from "./shared/words.js";

const MAX_STEPS = 200;
export const steps = []; // {query, before, after}: oldest first
export const undone = []; // those that were undone, the last one first to be done again

/* {mine, job, prediction, moments}: a moment is held with its values, so that the same one gets them back. */
export function snapshot({ mine, job, prediction, moments }) {
  return { mine, job, prediction, moments: moments.map((moment) => ({ ...valuesOf(moment), moment })) };
}
const valuesOf = ({ start, end, evidence, score, spread, thumbnail, provenance }) => ({ start, end, evidence, score, spread, thumbnail, provenance });

/* Whether a query has the moments that it had. */
export function isAlike(query, { moments }) {
  return query.moments.length === moments.length && moments.every(({ moment, provenance, ...ends }, i) =>
    moment === query.moments[i] && isSameCut(moment, ends) && moment.provenance === provenance);
}

/* A change of a query begins. */
export function remembered(query) {
  steps.push({ query, before: snapshot(query), after: null });
  if (steps.length > MAX_STEPS) steps.shift();
  undone.length = 0;
}

/* What was the model's answer is the model's again, and the newest that there is. */
export function restore(query, state) {
  const moments = state.moments.map(({ moment, ...values }) => Object.assign(moment, values));
  if (!state.mine) return restorePrediction(query, state.prediction === query.prediction ? moments : undefined);
  query.moments = moments;
  query.job = state.job;
  markCorrected(query);
}

/* Go one step back, or forward again. Returns the query, null where there is no step. */
export const takeBack = () => go(steps, undone, "before");
export const takeForward = () => go(undone, steps, "after");
function go(from, to, side) {
  const step = from.pop();
  if (!step) return null;
  to.push(step);
  restore(step.query, step[side]);
  return step.query;
}

/* Forget the steps of one query, or all. */
export function dropSteps(query) {
  for (const list of [steps, undone]) list.splice(0, Infinity, ...list.filter((step) => query && step.query !== query));
}
