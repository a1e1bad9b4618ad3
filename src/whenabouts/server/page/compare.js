/* Two answers to one query on the timeline, of two models or of two times, each with its colour; and what differs, in words. */

import { askNow } from "./ask.js";
import { get } from "./api.js";
import { attempt } from "./notice.js";
import { overlap } from "./queries.js";
import { make } from "./shared/elements.js";
import { kindLabel } from "./shared/kinds.js";
import { say } from "./shared/language.js";
import { showMoments } from "./shared/targets.js";
import { play, seek } from "./shared/video.js";
import { many, range, score, share, strength } from "./shared/words.js";

const SIDES = [{ name: "A", style: "kind-1" }, { name: "B", style: "kind-4" }];
const SAME = 0.05; // seconds that ends may differ and still be told as the same
let models = [], open = null, redraw = () => {}; // open: {video, query, answers: [{id, label, prediction}], sides: [answer, answer], rows}

export function initCompare(about, show) { models = about.models; redraw = show; }
export const isCompared = (query) => open?.query === query.query;
export function endComparison() { open = null; }

/* Begin to compare the answers to a query, or end it. */
export async function compare(video, query) {
  const again = !isCompared(query);
  open = null;
  if (again) await load(video, query.query);
  redraw();
}

/* The newest answers that jobs gave; each choice loads the one that it names. */
async function load(video, query) {
  const response = await attempt(() => get(`/api/jobs?${new URLSearchParams({ video, state: "done", limit: 200 })}`));
  if (!response) return;
  const jobs = response.jobs.filter(({ kind, request }) => kind === "find" && request.queries.includes(query));
  const next = { video, query, answers: jobs.map((job) => ({ id: job.id, label: label(job), model: job.request.model, prediction: null })), sides: [] };
  next.sides = [next.answers[0], next.answers.find(({ model }) => model !== next.answers[0]?.model) ?? next.answers[1] ?? null];
  for (const side of next.sides) await fill(next, side);
  next.rows = rowsOf(next);
  open = next;
}
async function fill({ query }, answer) {
  if (!answer || answer.prediction) return;
  const job = await attempt(() => get(`/api/jobs/${answer.id}`));
  answer.prediction = job?.result?.predictions.find((each) => each.query === query) ?? null;
}
function label({ request, ended }) {
  const kinds = request.evidence?.length ? request.evidence.map(kindLabel).join(", ") : say`all evidence`;
  const when = new Date(ended).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });
  return [models.length > 1 && (request.model ?? models[0]), kinds, when].filter(Boolean).join(" · ");
}

/* The rows under the lane of a query that is compared. */
export const comparedRows = (query) => (isCompared(query) ? open.rows : []);

function rowsOf(of) {
  const sides = SIDES.map((side, number) => sideRow(of, side, number));
  const words = of.sides.every((answer) => answer?.prediction) ? differences(...of.sides.map(({ prediction }) => prediction))
    : [say`There is only one answer yet: choose another model, or ask again with other evidence.`];
  return [...sides, make("div", { className: "row differs" }, make("div", { className: "label" }),
    make("ul", { ariaLabel: say`What differs` }, ...words.map((textContent) => make("li", { textContent }))))];
}

function sideRow(of, { name, style }, number) {
  const answer = of.sides[number], moments = answer?.prediction?.moments ?? [];
  const choice = make("select", { ariaLabel: say`Answer ${name} to ${of.query}` });
  choice.append(...(answer ? [] : [make("option", { value: "", textContent: say`no other answer yet` })]),
    ...of.answers.map((each) => make("option", { value: each.id, textContent: each.label })),
    ...models.filter((model) => !of.answers.some((each) => (each.model ?? models[0]) === model)).map((model) => make("option", { value: `ask ${model}`, textContent: say`ask ${model} now` })));
  choice.value = answer?.id ?? "";
  choice.addEventListener("change", () => choose(of, number, choice.value));
  const bars = moments.map((moment) => {
    const bar = make("button", { className: `bar ${style}`, type: "button", ariaLabel: [`${name}: ${range(moment)}`, score(moment)].filter(Boolean).join(", ") });
    const window = make("div", { className: `window ${style}` }, bar, make("i"));
    window.style.setProperty("--score", strength(moment));
    bar.addEventListener("click", () => go(moment));
    return { start: moment.start, end: moment.end, style, window };
  });
  const track = make("div", { className: "track" });
  showMoments(track, bars, name, go);
  return make("div", { className: `row lane compared ${style}` }, make("div", { className: "label" }, make("b", { textContent: name }), choice),
    make("div", { className: "port" }, track));
}
function go({ start }) {
  seek(start);
  play();
}

async function choose(of, number, value) {
  if (value.startsWith("ask ")) return askNow([of.query], value.slice(4));
  of.sides[number] = of.answers.find(({ id }) => id === value);
  await fill(of, of.sides[number]);
  of.rows = rowsOf(of);
  if (open === of) redraw();
}
/* A job has ended: its answer can be chosen, and is the second one where there was none. */
export async function comparesAgain(video, job) {
  if (!open || open.video !== video || !job.request.queries.includes(open.query)) return;
  const before = open.sides;
  await load(video, open.query);
  if (before[1] && open) open.sides = [before[0], open.answers[0]];
}

/* What differs between two predictions, one sentence a fact. */
export function differences(a, b) {
  const pairs = [], left = [...b.moments];
  for (const moment of a.moments) {
    const [best] = left.map((other) => [overlap([moment.start, moment.end], [other.start, other.end]), other]).sort((x, y) => y[0] - x[0]);
    if (!(best?.[0] > 0)) continue;
    pairs.push([moment, best[1]]);
    left.splice(left.indexOf(best[1]), 1);
  }
  const alone = a.moments.filter((moment) => !pairs.some(([mine]) => mine === moment));
  const apart = Math.max(0, ...pairs.flatMap(([x, y]) => [Math.abs(x.start - y.start), Math.abs(x.end - y.end)]));
  const count = many(pairs.length, "moment", "moments"), ranges = (moments) => moments.toSorted((x, y) => x.start - y.start).map(range).join(", ");
  const said = [];
  if (pairs.length) said.push(apart < SAME ? say`Both find ${count}, at the same times.` : say`Both find ${count}; ends differ by up to ${apart.toFixed(1)} s.`);
  if (alone.length) said.push(say`Only A: ${ranges(alone)}`);
  if (left.length) said.push(say`Only B: ${ranges(left)}`);
  if (!a.moments.length && !b.moments.length) said.push(say`Neither finds a moment.`);
  if (a.presence !== null && b.presence !== null) said.push(say`Likelihood: A ${share(a.presence)}, B ${share(b.presence)}`);
  return said;
}
