"use strict";
const page = JSON.parse(document.getElementById("data").textContent);
const film = document.getElementById("film");
const at = (id) => document.getElementById(id);
const make = (name, props = {}, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};
const percent = (seconds) => `${(100 * seconds) / page.duration}%`;
const clock = (seconds) => {
  const tenths = Math.round(seconds * 10);
  const [h, m, s] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, tenths % 600];
  const head = h ? `${h}:${String(m).padStart(2, "0")}` : `${m}`;
  return `${head}:${String(Math.floor(s / 10)).padStart(2, "0")}.${s % 10}`;
};
function verdict(query) {
  if (query.presence === null) return query.moments.length ? "" : "Nothing found";
  const likely = `${Math.round(100 * query.presence)} % likely`;
  return query.absent ? `Probably not in this video (${likely})` : `In this video (${likely})`;
}

const moments = [];
let current = null;

function go(moment, play = true) {
  current = moment;
  film.currentTime = moment.start;
  if (play && film.src) film.play().catch(() => {});
  for (const other of moments) for (const element of other.elements) element.setAttribute("aria-current", String(other === moment));
}

function curve(points) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${page.duration} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const line = points.map(([time, height]) => `L${time} ${1 - 0.94 * height}`).join("");
  const last = points.length ? 1 - 0.94 * points[points.length - 1][1] : 1;
  path.setAttribute("d", `M0 1${line}L${page.duration} ${last}V1Z`);
  svg.append(path);
  return svg;
}

function lane(query) {
  const track = make("div", { className: "track" }, curve(query.lane));
  for (const moment of query.moments) {
    const kind = moment.evidence.length ? moment.evidence[0].kind : "seen";
    const label = `${query.query}: ${clock(moment.start)} to ${clock(moment.end)}, score ${moment.score.toFixed(2)}`;
    const bar = make("button", { className: `bar ${kind}`, type: "button", title: label });
    bar.setAttribute("aria-label", label);
    bar.style.left = percent(moment.start);
    bar.style.width = percent(moment.end - moment.start);
    bar.style.setProperty("--score", Math.min(1, Math.max(0, moment.score)));
    bar.addEventListener("click", (event) => { event.stopPropagation(); go(moment); });
    moment.elements = [bar];
    moments.push(moment);
    track.append(bar);
  }
  for (const [start, end] of query.truth || []) {
    const outline = make("div", { className: "truth", title: `truth: ${clock(start)} – ${clock(end)}` });
    outline.style.left = percent(start);
    outline.style.width = percent(end - start);
    track.append(outline);
  }
  track.addEventListener("click", (event) => {
    const box = track.getBoundingClientRect();
    film.currentTime = ((event.clientX - box.left) / box.width) * page.duration;
  });
  const best = query.moments[0];
  const told = query.absent ? "probably not here" : best ? `${clock(best.start)} – ${clock(best.end)}` : "nothing found";
  return make("div", { className: query.absent ? "lane absent" : "lane" }, make("h2", {}, make("span", { textContent: query.query }), make("span", { textContent: told })), track);
}

function answer(query) {
  const list = make("ol");
  for (const moment of query.moments) {
    const kind = moment.evidence.length ? moment.evidence[0].kind : "seen";
    const words = make("span", {},
      make("span", { className: "when", textContent: `${clock(moment.start)} – ${clock(moment.end)}` }),
      make("span", { className: "score", textContent: `score ${moment.score.toFixed(2)}` }));
    for (const { kind: how, text } of moment.evidence)
      words.append(make("span", { className: `why ${how}` }, make("b", { textContent: how }), text ? ` “${text}”` : ""));
    const picture = make("img", { alt: "", loading: "lazy" });
    if (moment.thumbnail) picture.src = moment.thumbnail;
    const button = make("button", { className: `moment ${kind}`, type: "button" }, picture, words);
    button.addEventListener("click", () => go(moment));
    moment.elements.push(button);
    list.append(make("li", {}, button));
  }
  return make("article", { className: query.absent ? "answer absent" : "answer" },
    make("h2", { textContent: query.query }), make("p", { className: "verdict", textContent: verdict(query) }), list);
}

function ruler() {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = steps.find((s) => page.duration / s <= 8) || 7200;
  const element = make("div", { id: "ruler" });
  for (let time = 0; time < page.duration - step * 0.6; time += step) {
    const mark = make("span", { textContent: clock(time).replace(/\.0$/, "") });
    mark.style.left = percent(time);
    element.append(mark);
  }
  const end = make("span", { className: "last", textContent: clock(page.duration) });
  end.style.left = "100%";
  element.append(end);
  element.setAttribute("aria-hidden", "true");
  return element;
}

function follow() {
  const lanes = at("lanes"), style = getComputedStyle(lanes);
  const left = parseFloat(style.paddingLeft), width = lanes.clientWidth - left - parseFloat(style.paddingRight);
  at("head").style.left = `${left + (width * Math.min(film.currentTime, page.duration)) / page.duration}px`;
  at("clock").textContent = `${clock(film.currentTime)} / ${clock(page.duration)}`;
  at("play").textContent = film.paused ? "▶" : "❚❚";
  if (at("loop").checked && current && film.currentTime >= current.end) film.currentTime = current.start;
}

function step(seconds) { film.currentTime = Math.min(page.duration, Math.max(0, film.currentTime + seconds)); }
function toggle() { if (film.paused) film.play().catch(() => {}); else film.pause(); }
function neighbour(direction) {
  const ordered = [...moments].sort((a, b) => a.start - b.start);
  const now = film.currentTime;
  const next = direction > 0 ? ordered.find((m) => m.start > now + 0.05) : ordered.reverse().find((m) => m.start < now - 0.05);
  if (next) go(next, false);
}
const KEYS = {
  " ": toggle, k: toggle, j: () => step(-5), l: () => step(5), ArrowLeft: () => step(-1), ArrowRight: () => step(1),
  ",": () => step(-page.frame), ".": () => step(page.frame), "[": () => neighbour(-1), "]": () => neighbour(1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const onControl = event.target.closest("button, input, summary");
  if (onControl && (event.key === " " || event.key === "Enter")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) { event.preventDefault(); act(); }
});

document.title = `${page.title} · whenabouts`;
at("title").textContent = page.title;
at("facts").textContent = `${page.file} · ${clock(page.duration)} · ${page.queries.length} ${page.queries.length === 1 ? "query" : "queries"}`;
if (page.source) film.src = page.source; else { film.hidden = true; at("transport").hidden = true; }
if (page.note) { at("note").textContent = page.note; at("note").hidden = false; }
at("lanes").append(make("div", { id: "head" }), ...page.queries.map(lane), ruler());
at("answers").append(...page.queries.map(answer));
const receipt = page.predictions.length ? page.predictions[0].receipt : null;
if (receipt) {
  const rows = [["whenabouts", receipt.version], ["grounder", receipt.grounder], ["film sha256", receipt.video_sha256],
    ...Object.entries(receipt.models).map(([name, hash]) => [`${name} sha256`, hash]),
    ...Object.entries(receipt.settings).map(([name, value]) => [name, JSON.stringify(value)])];
  for (const [name, value] of rows) at("receipt").append(make("dt", { textContent: name }), make("dd", { textContent: String(value) }));
}
at("download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([JSON.stringify(page.predictions, null, 2)], { type: "application/json" }));
  make("a", { href: address, download: "predictions.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
const dark = window.matchMedia("(prefers-color-scheme: dark)");
document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
at("theme").addEventListener("click", () => {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
});
at("play").addEventListener("click", toggle);
for (const name of ["timeupdate", "seeked", "loadedmetadata", "play", "pause"]) film.addEventListener(name, follow);
addEventListener("resize", follow);
(function tick() { if (!film.paused) follow(); requestAnimationFrame(tick); })();
follow();
