/* The lanes and answers: those of the report, with handles, the windows of other annotators, and controls. */

import { leftOut } from "./ask.js";
import { addMore } from "./example.js";
import { glyph } from "./glyphs.js";
import { comparedRows, isCompared } from "./compare.js";
import { filmstrip } from "./filmstrip.js";
import { addFold, addFoldAll } from "./folding.js";
import { forgetHandles, prepare } from "./handles.js";
import { may } from "./login.js";
import { drawMap } from "./minimap.js";
import { isChecked, me, queries } from "./queries.js";
import { answer } from "./shared/answers.js";
import { byId, make } from "./shared/elements.js";
import { follow, media, place } from "./shared/video.js";
import { selectMoment, current, moments } from "./shared/moments.js";
import { arrange, pressable } from "./shared/targets.js";
import { lane, legend, ruler, swatch } from "./shared/timeline.js";
import { range } from "./shared/words.js";
import { waveform } from "./waveform.js";
import { say } from "./shared/language.js";

export let chosen = null; // the query whose lane takes new moments

export function select(query) {
  chosen = query;
  for (const [row, of] of rows) row.dataset.chosen = String(of === query);
}
const rows = new Map();
let drawn = new Map(); // query → {looks, parts, row, article}: what is drawn of it, until it looks otherwise
let band = null; // ruler, pictures and sound, of the video with these labels

/* Draw all, anew where something looks otherwise than before. `actions` are what the buttons of an answer do; the selected moment stays selected. */
export function drawLanes(actions) {
  if (document.querySelector("[data-held]")) return setTimeout(() => drawLanes(actions), 200); // a handle is being dragged
  const [kept, focus] = [current, held()];
  if (band?.labels !== media.labels) band = Object.assign(make("div", { id: "band" }, ruler(), filmstrip, waveform), { labels: media.labels });
  addFoldAll(band.firstChild);
  const before = drawn;
  drawn = new Map(queries.map((query) => [query, isAsBefore(query, before.get(query)) ? before.get(query) : drawQuery(query, actions)]));
  rows.clear();
  for (const [query, { row }] of drawn) rows.set(row, query);
  moments.splice(0, Infinity, ...queries.flatMap((query) => query.moments));
  forgetHandles();
  arrange(byId("rows"), [band, ...queries.flatMap((query) => [drawn.get(query).row, ...comparedRows(query)]), byId("overlay")]);
  drawMap(queries);
  arrange(byId("list"), queries.length ? queries.map((query) => drawn.get(query).article) : [invitation()]);
  const entries = legend(queries);
  if (queries.some((query) => query.mine && query.first.length)) entries.push(["true", say`the model’s answer`]);
  if (queries.some((query) => query.others.length)) entries.push(["another", say`another annotator`]);
  byId("legend").replaceChildren(...entries.map(swatch));
  byId("tab-answers").textContent = queries.length ? say`Answers ${queries.length}` : say`Answers`;
  select(queries.includes(chosen) ? chosen : queries[0] ?? null);
  selectMoment(moments.includes(kept) ? kept : null);
  focus();
  return follow();
}

function drawQuery(query, actions) {
  const row = lane(query);
  addControls(row, query);
  addFold(row, query);
  return { looks: looksOf(query), parts: partsOf(query), row, article: answerWithControls(query, actions) };
}
/* All that is seen of a query: of its large parts, whether they are others. */
function looksOf(query) {
  const { example, mine, absent, presence, verdict, failure, notes, understood, waiting, agreement, others, first, truth } = query;
  return JSON.stringify([
    me, query.query, example, mine, absent, presence, verdict, failure, notes, understood, waiting, agreement, others, truth, isCompared(query),
    mine && first.map(({ start, end }) => [start, end]),
    query.moments.map(({ start, end, score, spread, provenance, thumbnail }) => [start, end, score, spread, provenance, thumbnail])]);
}
const partsOf = ({ lane: curve, prediction, moments: shown }) => [curve, prediction, ...shown, ...shown.map(({ evidence }) => evidence)];
const isAsBefore = (query, known) => known?.looks === looksOf(query) && partsOf(query).every((part, i) => part === known.parts[i]);

/* Where the keyboard was, found again after everything was drawn anew. */
function held() {
  const active = document.activeElement;
  const moment = moments.find(({ elements, handles, shownBy }) => elements.includes(active) || handles?.includes(active) || shownBy?.contains(active));
  if (!moment) return heldControl(active);
  const handle = moment.handles?.indexOf(active) ?? -1, isLine = active === moment.elements[1];
  return () => {
    const next = moments.includes(moment) ? moment : moments[0];
    if (next) (next.handles?.[handle] ?? (isLine ? next.elements[1] : pressable(next))).focus({ preventScroll: true });
  };
}

/* A button of a lane or an answer, found again by its name; where it has gone, the first of its answer. */
function heldControl(active) {
  const [query, { article }] = [...drawn].find(([, parts]) => parts.article.contains(active) || parts.row.contains(active)) ?? [null, {}];
  if (!query) return () => {};
  const part = article.contains(active) ? "article" : "row", name = ({ title, ariaLabel, textContent }) => title || ariaLabel || textContent;
  return () => {
    const buttons = [...(drawn.get(query)?.[part].querySelectorAll("button") ?? [])];
    const same = active.isConnected ? active : buttons.find((each) => name(each) === name(active));
    (same ?? buttons[0] ?? byId("queries")).focus({ preventScroll: true });
  };
}

function addControls(row, query) {
  const track = row.querySelector(".track"), label = row.querySelector(".label");
  row.classList.toggle("mine", query.mine);
  row.classList.toggle("waiting", Boolean(query.waiting));
  for (const moment of query.moments) prepare(moment, query);
  if (query.mine)
    for (const first of query.first)
      track.append(place(make("div", { className: "truth", title: say`The model’s answer: ${range(first)}` }), first.start, first.end));
  query.others.forEach(({ annotator, windows }, number) => {
    for (const [start, end] of windows) {
      const other = place(make("div", { className: "other", title: `${annotator}: ${range({ start, end })}` }), start, end);
      other.style.bottom = `${3 + 7 * (number % 3)}px`;
      track.append(other);
    }
  });
  if (query.others.length) {
    const names = query.others.map(({ annotator, windows }) => (windows.length ? annotator : say`${annotator} (not here)`)).join(", ");
    const words = query.agreement === null ? names : say`${names} · agreement ${Math.round(100 * query.agreement)} %`;
    label.append(make("p", { className: "agreement", textContent: words, title: say`Mean overlap (tIoU) of matched windows` }));
  }
  row.addEventListener("pointerdown", () => select(query));
  row.addEventListener("focusin", () => select(query));
}

function answerWithControls(query, actions) {
  const missed = leftOut(query), told = query.notes?.filter((note) => !missed.some((each) => each.note === note));
  const article = answer({ ...query, notes: told });
  addMore(article, query);
  const control = (name, label, act, pressed) => {
    const button = make("button", { className: "quiet", type: "button", ariaLabel: `${label}: ${query.query}`, title: label }, glyph(name));
    if (pressed !== undefined) button.ariaPressed = String(pressed);
    button.addEventListener("click", () => act(query));
    return button;
  };
  for (const moment of query.mine ? query.moments : []) for (const element of moment.elements) element.dataset.checked = String(isChecked(moment));
  const confirmed = query.mine && query.moments.length > 0 && query.moments.every(isChecked), refused = query.mine && !query.moments.length;
  const corrects = may("correct");
  article.prepend(make("div", { className: "answer-controls" },
    corrects && query.moments.length ? control("check", say`Right, says ${me}`, actions.confirm, confirmed) : "",
    corrects ? control("none", say`Not in this video`, actions.reject, refused) : "",
    corrects && query.mine ? control("back", query.prediction ? say`Back to the model’s answer` : say`Withdraw your correction`, actions.withdraw) : "", query.prediction?.receipt ? control("compare", say`Compare answers`, actions.compare, isCompared(query)) : "",
    may("ask") ? control("keep", say`Save this question`, actions.keep) : "",
    control("hide", say`Hide`, actions.hide)));
  if (corrects && !query.waiting && !query.prediction && !query.mine && !query.moments.length)
    article.append(make("p", { className: "remark", textContent: say`Mark the start with I and the end with O.` }));
  const offers = may("ask") && !query.waiting ? missed : [];
  article.querySelector(".verdict").after(...offers.map(({ label, look }) => {
    const button = make("button", { className: "inline", type: "button", textContent: say`Look there too`, ariaLabel: say`Look there too: what is ${label}, ${query.query}` });
    button.addEventListener("click", look);
    return make("p", { className: "remark" }, say`What is ${label} was not looked at.`, " ", button);
  }));
  return article;
}

const invitation = () => make("p", { className: "invitation", textContent: say`Describe what you are looking for in this video, in your own words. Each query gets a lane on the timeline.` });
