/* The lanes and answers: those of the report, with handles, the windows of other annotators, and controls. */

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
import { follow, place } from "./shared/video.js";
import { selectMoment, current, moments } from "./shared/moments.js";
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

/* Draw all anew. `actions` are what the buttons of an answer do; the selected moment stays selected. */
export function drawLanes(actions) {
  if (document.querySelector("[data-held]")) return setTimeout(() => drawLanes(actions), 200); // a handle is being dragged
  const [kept, focus] = [current, held()];
  moments.length = 0;
  rows.clear();
  forgetHandles();
  const scale = ruler();
  addFoldAll(scale);
  const lanes = queries.flatMap((query) => {
    const row = lane(query);
    rows.set(row, query);
    addControls(row, query);
    addFold(row, query);
    return [row, ...comparedRows(query)];
  });
  byId("rows").replaceChildren(make("div", { id: "band" }, scale, filmstrip, waveform), ...lanes, byId("overlay"));
  drawMap(queries);
  byId("list").replaceChildren(...(queries.length ? queries.map((query) => answerWithControls(query, actions)) : [invitation()]));
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

/* Where the keyboard was, found again after everything was drawn anew. */
function held() {
  const active = document.activeElement;
  const moment = moments.find((each) => each.elements.includes(active) || each.handles?.includes(active));
  if (!moment) return () => {};
  const [kind, i] = moment.handles?.includes(active) ? ["handles", moment.handles.indexOf(active)] : ["elements", moment.elements.indexOf(active)];
  return () => (moments.includes(moment) ? moment[kind][i] : moments[0]?.elements[0])?.focus({ preventScroll: true });
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
  const article = answer(query);
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
    control("keep", say`Save this question`, actions.keep),
    control("hide", say`Hide`, actions.hide)));
  if (corrects && !query.waiting && !query.prediction && !query.mine && !query.moments.length)
    article.append(make("p", { className: "remark", textContent: say`Mark the start with I and the end with O.` }));
  return article;
}

const invitation = () => make("p", { className: "invitation", textContent: say`Describe what you are looking for in this video, in your own words. Each query gets a lane on the timeline.` });
