/* The view of what is watched live: each watch with its standing queries, and what happened, newest first. */

import { get, liveEvents, post, remove } from "./api.js";
import { glyph } from "./glyphs.js";
import { attempt, announce, showNotice } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";
import { clock, many } from "./shared/words.js";

const STREAMS = 2; // of events at once: browsers keep six connections to a server
const POLL_INTERVAL = 1500; // milliseconds, for watches without a stream
const SHOWN = 40; // things that happened
const MOST_VIDEOS = 1000; // to choose from
const cards = new Map(); // id → {watch, parts, stop}
let visible = false;

export function initLive(about) {
  byId("live-url").hidden = !about.streams;
}

export async function showLive() {
  visible = true;
  document.title = say`Live · whenabouts`;
  const [videos, running] = await Promise.all([attempt(() => get(`/api/videos?limit=${MOST_VIDEOS}`)), attempt(() => get("/api/watches"))]);
  byId("live-video").replaceChildren(...(videos?.videos ?? []).map(({ id, name }) => make("option", { value: id, textContent: name })));
  for (const watch of (running?.watches ?? []).toReversed()) update(watch);
  listen();
}
export function leaveLive() {
  visible = false;
  for (const card of cards.values()) { card.stop?.(); card.stop = null; }
}

byId("live-start").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("live-queries"), url = byId("live-url").value.trim();
  const queries = [...new Set(field.value.split("\n").map((line) => line.trim()).filter(Boolean))];
  if (!queries.length) return field.focus();
  if (!url && !byId("live-video").value) return showNotice("No videos here yet.");
  const source = url ? { url } : { video: byId("live-video").value, follow: byId("live-follow").querySelector("input").checked };
  const watch = await attempt(() => post("/api/watches", { queries, ...source }));
  if (!watch) return;
  field.value = "";
  update(watch);
  listen();
});

function listen() {
  let streams = [...cards.values()].filter((card) => card.stop).length;
  for (const card of [...cards.values()].toReversed()) {
    if (!visible || card.stop || streams >= STREAMS || card.watch.state !== "running") continue;
    const { id } = card.watch;
    card.stop = liveEvents(id, update, () => { card.stop = null; refresh(id); });
    streams += 1;
  }
}
async function refresh(id) {
  try {
    update(await get(`/api/watches/${id}`));
  } catch ({ message, status }) {
    if (status === 404) forget(id); else showNotice(message);
  }
}
setInterval(() => {
  if (visible) for (const { watch, stop } of cards.values()) if (!stop && watch.state === "running") refresh(watch.id);
}, POLL_INTERVAL);

function forget(id) {
  const card = cards.get(id);
  cards.delete(id);
  card?.stop?.();
  card?.parts.item.remove();
  listen();
}

/* Show a watch as it stands; what can have the focus stays where it is. */
function update(watch) {
  if (!cards.has(watch.id)) {
    cards.set(watch.id, { watch, parts: makeCard(watch), stop: null, newest: null });
    byId("watches").prepend(cards.get(watch.id).parts.item);
  }
  const card = cards.get(watch.id), { parts } = card, running = watch.state === "running";
  card.watch = watch;
  parts.item.dataset.state = watch.lost && running ? "lost" : watch.state;
  parts.facts.textContent = facts(watch);
  parts.form.hidden = !running || !watch.changeable;
  parts.end.hidden = !watch.changeable;
  parts.end.ariaLabel = running ? say`Stop watching ${watch.source}` : say`Remove ${watch.source}`;
  drawQueries(card);
  const newest = JSON.stringify(watch.told[0] ?? null);
  if (newest !== card.newest) {
    if (card.newest !== null && watch.told[0]) announce(sentence(watch.told[0]));
    card.newest = newest;
    parts.told.replaceChildren(...watch.told.filter(({ state }) => state !== "updated").slice(0, SHOWN).map(happened));
  }
  if (!running && card.stop) { card.stop(); card.stop = null; listen(); }
}

function facts(watch) {
  if (watch.state === "failed") return translate(watch.error);
  const parts = [clock(watch.clock, 0)];
  if (watch.state === "ended") parts.push(say`ended`);
  else if (watch.lost) parts.push(say`the source is away`);
  else parts.push(say`${watch.rate.toFixed(1)} pictures a second`);
  if (watch.behind >= 1) parts.push(say`${watch.behind.toFixed(0)} s behind`);
  return parts.join(" · ");
}

function makeCard(watch) {
  const title = make("h2", { textContent: watch.source });
  const line = make("p", { className: "live-facts" });
  const end = make("button", { className: "quiet", type: "button" }, glyph("close"));
  end.addEventListener("click", async () => {
    const { watch: now } = cards.get(watch.id);
    if (now.state === "running") { const stopped = await attempt(() => post(`/api/watches/${watch.id}/stop`)); if (stopped) update(stopped); }
    else if (await attempt(() => remove(`/api/watches/${watch.id}`))) forget(watch.id);
  });
  const queries = make("ul", { className: "standing", ariaLabel: say`Queries of ${watch.source}` });
  const field = make("input", { type: "text", maxLength: 2000, autocomplete: "off", placeholder: say`One more query`, ariaLabel: say`One more query for ${watch.source}` });
  const form = make("form", { className: "add-query" }, field, make("button", { className: "plain", type: "submit", textContent: say`Add` }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const query = field.value.trim();
    const changed = query && (await attempt(() => post(`/api/watches/${watch.id}/queries`, { query })));
    if (changed) { field.value = ""; update(changed); }
    field.focus();
  });
  const told = make("ol", { className: "told", ariaLabel: say`What happened, newest first` });
  const item = make("li", { className: "card watch" }, make("div", { className: "live-head" }, make("div", {}, title, line), end), queries, form, told);
  return { item, facts: line, end, form, queries, told, rows: new Map() };
}

function drawQueries({ watch, parts }) {
  const asked = new Set(watch.queries.map(({ query }) => query));
  for (const [query, row] of parts.rows) if (!asked.has(query)) { row.item.remove(); parts.rows.delete(query); }
  for (const standing of watch.queries) {
    if (!parts.rows.has(standing.query)) parts.rows.set(standing.query, queryRow(watch, standing.query));
    const row = parts.rows.get(standing.query);
    parts.queries.append(...(row.item.parentNode ? [] : [row.item]));
    row.item.classList.toggle("now", standing.since !== null);
    row.now.textContent = now(standing);
    row.button.hidden = watch.state !== "running" || !watch.changeable;
  }
}
function now({ since, last, moments }) {
  const parts = [];
  if (since !== null) parts.push(say`happens since ${clock(since)}`);
  if (last) parts.push(say`last ${clock(last[0])} – ${clock(last[1])}`);
  if (moments) parts.push(many(moments, "moment", "moments"));
  return parts.join(" · ") || say`not yet`;
}
function queryRow(watch, query) {
  const state = make("span", { className: "live-now" });
  const button = make("button", { className: "quiet", type: "button", ariaLabel: say`Ask no longer: ${query}` }, glyph("close"));
  button.addEventListener("click", async () => {
    const changed = await attempt(() => remove(`/api/watches/${watch.id}/queries?${new URLSearchParams({ query })}`));
    if (!changed) return;
    update(changed);
    cards.get(watch.id)?.parts.form.querySelector("input").focus();
  });
  return { item: make("li", {}, make("i"), make("b", { textContent: query }), state, button), now: state, button };
}

function happened(row) {
  const when = make("time", { textContent: clock(row.end ?? row.start ?? row.time ?? 0) });
  if (row.wall) when.title = new Date(row.wall).toLocaleString();
  const item = make("li", {}, when, make("span", { textContent: sentence(row) }));
  item.dataset.kind = row.type === "event" ? row.state : row.type;
  return item;
}
function sentence(row) {
  if (row.type !== "event") return translate(row.text ?? "");
  if (row.state !== "ended") return say`${row.query}: started`;
  return row.seen_end ? say`${row.query}: ended at ${clock(row.end)}` : say`${row.query}: its end was not seen`;
}
