/* The answers in words: each query with its likelihood, its moments, and their evidence. */

import { exampleOf, make } from "./elements.js";
import { onPick } from "./moments.js";
import { kindLabel, kindStyle, momentStyle } from "./kinds.js";
import { clock, frames, likelihood, range, score, timecodes } from "./words.js";
import { say, translate } from "./language.js";

function line(moment) {
  const words = make("span", { className: "words" },
    make("span", { className: "when" }, make("span", { textContent: range(moment) }), make("span", { className: "score", textContent: score(moment) })),
    make("span", { className: "frames" }, make("span", { textContent: timecodes(moment) }), " ", make("span", { textContent: frames(moment) })));
  if (moment.spread?.some((reach) => reach > 0)) {
    const ends = [[moment.start, moment.spread[0]], [moment.end, moment.spread[1]]];
    words.append(make("span", { className: "about", textContent: ends.map(([time, reach]) => `${clock(time)} ± ${reach.toFixed(1)} s`).join(", ") }));
  }
  for (const { kind, text } of moment.evidence)
    words.append(make("span", { className: `why ${kindStyle(kind)}` }, make("b", { textContent: kindLabel(kind) }), text ? ` “${text}”` : ""));
  const picture = moment.thumbnail ? make("img", { alt: "", loading: "lazy", src: moment.thumbnail }) : make("span", { className: "blank" });
  const button = make("button", { className: `moment ${momentStyle(moment)}`, type: "button", ariaCurrent: "false" }, picture, words);
  button.addEventListener("click", onPick(moment));
  moment.elements.push(button);
  return make("li", {}, button);
}

/* Show the moment's times as they are now. */
export function updateAnswerLine(moment) {
  const line = moment.elements[1];
  if (!line) return;
  line.querySelector(".when").firstChild.textContent = range(moment);
  const [timecode, , frame] = line.querySelector(".frames").childNodes;
  [timecode.textContent, frame.textContent] = [timecodes(moment), frames(moment)];
  line.querySelector(".about")?.remove();
}

export function answer(query) {
  const remarks = [query.failure, ...(query.notes ?? [])].filter(Boolean);
  return make("article", { className: query.absent ? "answer absent" : "answer" },
    make("h2", {}, ...exampleOf(query), query.query), likelihood(query),
    query.understood ? make("p", { className: "remark", textContent: query.understood }) : "",
    ...remarks.map((text) => make("p", { className: "remark", textContent: translate(text) })),
    query.absent && query.moments.length ? make("p", { className: "remark", textContent: say`The nearest match` }) : "",
    make("ol", {}, ...query.moments.map(line)));
}
