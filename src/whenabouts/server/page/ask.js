/* The question: one query a line, sent as one find; Enter sends it, Shift and Enter starts another line. */

import { submit } from "./api.js";
import { setExample, waitingExample } from "./example.js";
import { attempt, announce } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { kindStyle, setKinds } from "./shared/kinds.js";
import { say, translate } from "./shared/language.js";

const field = byId("queries");
let send = async () => false; // whether the queries were taken
let offered = []; // kinds of evidence: those on request are looked at only where a query is about them, or they are chosen

/* `onJob` gets the job of each find, `onMark` the queries that a person wants to mark by hand. */
export function initAsk(about, video, onJob, onMark) {
  byId("model").append(...about.models.map((name) => make("option", { value: name, textContent: name })));
  byId("model-choice").hidden = about.models.length < 2;
  setKinds(about.evidence);
  offered = about.evidence;
  byId("evidence").append(...offered.map(({ name, label, on_request }) => {
    const button = make("button", { className: `kind ${kindStyle(name)}`, type: "button", ariaPressed: String(!on_request), value: name }, make("i"), translate(label));
    if (on_request) Object.assign(button, { title: say`Takes long: looked at where a query is about it, or for every query when you choose it` }).classList.add("on-request");
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      if (!kinds().length) button.ariaPressed = "true"; // at least one kind is needed
    });
    return button;
  }));
  byId("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const queries = questions(), like = waitingExample();
    if (!queries.length && !like) return field.focus();
    if (!(await send(queries, byId("model").value, like))) return;
    clear();
    setExample(null);
  });
  send = async (queries, model = byId("model").value, like = null, chosen = kinds()) => {
    const body = { queries, model };
    if (like) body.like = like; // which is compared with what is seen
    else if (offered.some(({ name, on_request }) => chosen.includes(name) === on_request)) body.evidence = chosen;
    const job = await attempt(() => submit(`/api/videos/${video()}/find`, body));
    if (job) onJob(job);
    return Boolean(job);
  };
  byId("by-hand").addEventListener("click", () => {
    const queries = questions();
    if (!queries.length) { announce("Write a query first."); return field.focus(); }
    clear();
    onMark(queries);
  });
}
const kinds = () => [...byId("evidence").querySelectorAll("[aria-pressed=true]")].map((button) => button.value);
/* Ask at once, with the kinds and the model that are chosen. */
export const askNow = (queries, model) => send(queries, model);

/* The notes of an answer on kinds that were not looked at, each {note, label, look}: `look` asks again with that kind. */
export const leftOut = ({ query, notes }) => offered.flatMap(({ name, label }) => {
  const note = notes?.find((each) => each.startsWith(`what is ${label} was not looked at`));
  return note ? [{ note, label: translate(label), look: () => send([query], undefined, null, [...new Set([...kinds(), name])]) }] : [];
});

export const questions = () => [...new Set(field.value.split("\n").map((line) => line.trim()).filter(Boolean))];
function clear() { field.value = ""; grow(); }

export function setQuestion(text) { field.value = text; grow(); }

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") field.blur();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("ask").requestSubmit();
});
