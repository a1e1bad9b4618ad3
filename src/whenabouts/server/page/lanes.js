/* The lanes and answers: those of the report, with handles, the windows of other annotators, and controls. */

import { addMore } from "./example.js";
import { glyph } from "./glyphs.js";
import { handles } from "./handles.js";
import { me, queries } from "./queries.js";
import { answer } from "./shared/answers.js";
import { byId, make } from "./shared/elements.js";
import { follow, place } from "./shared/video.js";
import { selectMoment, current, moments } from "./shared/moments.js";
import { lane, legend, ruler, strip, swatch } from "./shared/timeline.js";
import { range } from "./shared/words.js";
import { fit } from "./zoom.js";
import { say } from "./shared/language.js";

let pictures = [];
export let chosen = null; // the query whose lane takes new moments

export function select(query) {
  chosen = query;
  for (const [row, of] of rows) row.dataset.chosen = String(of === query);
}
const rows = new Map();

export function setPictures(urls) { pictures = urls; }

/* Draw all anew. `actions` are what the buttons of an answer do; the selected moment stays selected. */
export function drawLanes(actions) {
  if (document.querySelector("[data-held]")) return setTimeout(() => drawLanes(actions), 200); // a handle is being dragged
  const [kept, focus] = [current, held()];
  moments.length = 0;
  rows.clear();
  const lanes = queries.map((query) => {
    const row = lane(query);
    rows.set(row, query);
    addControls(row, query);
    return row;
  });
  byId("rows").replaceChildren(ruler(), strip(pictures), ...lanes, byId("overlay"));
  byId("list").replaceChildren(...(queries.length ? queries.map((query) => answerWithControls(query, actions)) : [invitation()]));
  const entries = legend(queries);
  if (queries.some((query) => query.mine && query.first.length)) entries.push(["true", say`the model’s answer`]);
  if (queries.some((query) => query.others.length)) entries.push(["another", say`another annotator`]);
  byId("legend").replaceChildren(...entries.map(swatch));
  byId("tab-answers").textContent = queries.length ? say`Answers ${queries.length}` : say`Answers`;
  select(queries.includes(chosen) ? chosen : queries[0] ?? null);
  selectMoment(moments.includes(kept) ? kept : null);
  focus();
  fit();
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
  for (const moment of query.moments) moment.elements[0].parentElement.append(...handles(moment, query));
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
  const confirmed = query.mine && query.moments.length > 0, refused = query.mine && !query.moments.length;
  article.prepend(make("div", { className: "answer-controls" },
    query.moments.length ? control("check", say`Right, says ${me}`, actions.confirm, confirmed) : "",
    control("none", say`Not in this video`, actions.reject, refused), control("hide", say`Hide`, actions.hide)));
  if (!query.prediction && !query.mine && !query.moments.length)
    article.append(make("p", { className: "remark", textContent: say`Mark the start with I and the end with O.` }));
  return article;
}

const invitation = () => make("p", { className: "invitation", textContent: say`Describe what you are looking for in this video, in your own words. Each query gets a lane on the timeline.` });
