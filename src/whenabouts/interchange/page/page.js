"use strict";
const page = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const film = at("film");
const HAIR = 0.001; // seconds: a seek lands just inside a picture, never on the edge before it
const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

/* Making elements */

function make(name, props = {}, ...children) {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
}
function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
function place(element, start, end) {
  element.style.left = percent(start);
  if (end !== undefined) element.style.width = percent(end - start);
  return element;
}
const percent = (seconds) => `${(100 * seconds) / page.duration}%`;

/* Words */

function clock(seconds, digits = 1) {
  const unit = 10 ** digits;
  const ticks = Math.round(seconds * unit);
  const whole = Math.floor(ticks / unit);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}` + (digits ? `.${ticks % unit}` : "");
}
const range = (moment) => `${clock(moment.start)} – ${clock(moment.end)}`;
const share = (p) => (p > 0.99 ? "over 99 %" : p < 0.01 ? "under 1 %" : `${Math.round(100 * p)} %`);
const score = (moment) => (moment.score === null ? "" : `score ${moment.score.toFixed(2)}`);
const strength = (moment) => Math.min(1, Math.max(0, moment.score ?? 1));
const kindOf = (moment) => (moment.evidence.length ? moment.evidence[0].kind : "seen");
function verdict(query) {
  if (query.absent) return "Probably not in this video";
  if (!query.moments.length) return "Nothing found";
  if (query.presence === null) return "";
  return query.presence >= 0.7 ? "Probably here" : "Perhaps here";
}
function likelihood(query) {
  const line = make("p", { className: "verdict" }, make("span", { textContent: verdict(query) }));
  if (query.presence !== null) {
    const fill = make("i");
    fill.style.width = `${100 * query.presence}%`;
    const meter = make("span", { className: "meter" }, fill);
    meter.setAttribute("aria-hidden", "true");
    line.append(meter, make("span", { textContent: share(query.presence), title: "Probability that it happens in this video" }));
  }
  return line;
}

/* The film: with no player the playhead alone moves */

let still = 0;
const now = () => (page.source ? film.currentTime : still);
function seek(seconds) {
  const goal = Math.min(page.duration, Math.max(0, seconds));
  if (page.source) film.currentTime = goal + HAIR;
  still = goal;
  follow();
}
const play = () => page.source && film.play().catch(() => {});
const toggle = () => (film.paused ? play() : film.pause());
const step = (seconds) => seek(now() + seconds);
function press(id, on) { at(id).setAttribute("aria-pressed", String(on)); }
const pressed = (id) => at(id).getAttribute("aria-pressed") === "true";
function mute() { film.muted = !film.muted; press("mute", film.muted); }
function loop() { press("loop", !pressed("loop")); }
function fullscreen() { if (document.fullscreenElement) document.exitFullscreen(); else film.requestFullscreen?.(); }
function speed(direction, wrap = false) {
  const goal = SPEEDS.indexOf(film.playbackRate) + direction;
  film.playbackRate = SPEEDS[wrap ? goal % SPEEDS.length : Math.min(SPEEDS.length - 1, Math.max(0, goal))];
  at("speed").textContent = `${film.playbackRate}×`;
}

/* Moments: each is a bar on its lane and a line in the answers */

const moments = [];
let current = null;

function go(moment, { playing = true } = {}) {
  current = moment;
  for (const other of moments)
    for (const element of other.elements) element.setAttribute("aria-current", String(other === moment));
  const list = at("answers"), line = moment.elements[1];
  if (list.scrollHeight > list.clientHeight) {
    const [box, within] = [line.getBoundingClientRect(), list.getBoundingClientRect()];
    if (box.top < within.top || box.bottom > within.bottom) list.scrollTop += box.top - within.top - within.height / 3;
  }
  seek(moment.start);
  if (playing) play();
}
function pick(moment) {
  return (event) => {
    if (event.detail) event.currentTarget.blur(); // after a mouse, space means pause again
    go(moment);
  };
}
function neighbour(direction) {
  const time = now(), ordered = [...moments].sort((a, b) => direction * (a.start - b.start));
  const next = ordered.find((moment) => direction * (moment.start - time) > 0.05);
  if (next) go(next, { playing: false });
}

/* The timeline */

function row(kind, label, track) {
  return make("div", { className: `row ${kind}` }, make("div", { className: "label" }, ...label), track);
}
const ticks = []; // [seconds, mark]
function ruler() {
  const element = make("div", { id: "ruler", className: "track", tabIndex: 0 });
  const attributes = { role: "slider", "aria-label": "Time in the film", "aria-valuemin": 0, "aria-valuemax": page.duration };
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const most = matchMedia("(max-width: 640px)").matches ? 5 : 10;
  const apart = steps.find((s) => page.duration / s <= most) || page.duration / most;
  for (let time = 0; time < page.duration - Math.max(0.35 * apart, page.duration / (1.6 * most)); time += apart)
    ticks.push([time, place(make("span", { textContent: clock(time, apart < 1 ? 1 : 0) }), time)]);
  ticks.push([page.duration, make("span", { className: "last", textContent: clock(page.duration) })]);
  element.append(...ticks.map(([, mark]) => mark));
  return row("scale", [], element);
}
function strip() {
  const pictures = page.strip.map((src) => make("img", { src, alt: "", draggable: false }));
  return row("strip", [], make("div", { className: "track" }, ...pictures));
}
function curve(query, number) {
  if (!query.lane.length) return "";
  const line = query.lane.map(([time, height]) => `${time} ${(1 - 0.9 * height).toFixed(3)}`).join("L");
  const [first, last] = [query.lane[0], query.lane[query.lane.length - 1]];
  const outline = `M0 ${1 - 0.9 * first[1]}L${line}L${page.duration} ${1 - 0.9 * last[1]}`;
  const pair = (attributes) => draw("g", attributes, draw("path", { class: "area", d: `${outline}V1H0Z` }), draw("path", { class: "edge", d: outline }));
  const svg = draw("svg", { viewBox: `0 0 ${page.duration} 1`, preserveAspectRatio: "none", "aria-hidden": "true" }, pair({}));
  query.moments.forEach((moment, rank) => {
    const id = `window-${number}-${rank}`;
    const window = draw("rect", { x: moment.start, y: 0, width: moment.end - moment.start, height: 1 });
    const opacity = 0.3 + 0.7 * strength(moment);
    svg.append(draw("clipPath", { id }, window), pair({ class: kindOf(moment), opacity, "clip-path": `url(#${id})` }));
  });
  return svg;
}
function lane(query, number) {
  const track = make("div", { className: "track" }, curve(query, number));
  for (const moment of query.moments) {
    const label = `${query.query}: ${clock(moment.start)} to ${clock(moment.end)}, ${score(moment)}`;
    const bar = place(make("button", { className: `bar ${kindOf(moment)}`, type: "button", ariaLabel: label }), moment.start, moment.end);
    bar.style.setProperty("--score", strength(moment));
    bar.addEventListener("click", pick(moment));
    moment.elements = [bar];
    moments.push(moment);
    track.append(bar);
  }
  for (const [start, end] of query.truth)
    track.append(place(make("div", { className: "truth", title: `Truth: ${clock(start)} – ${clock(end)}` }), start, end));
  const label = [make("h2", { textContent: query.query, title: query.query }), likelihood(query)];
  return row(query.absent ? "lane absent" : "lane", label, track);
}
function legend() {
  const shown = new Set(moments.flatMap((moment) => [kindOf(moment), ...moment.evidence.map((evidence) => evidence.kind)]));
  const words = { seen: "seen in the picture", said: "said", written: "written on screen" };
  const entries = Object.entries(words).filter(([kind]) => shown.has(kind));
  if (page.queries.some((query) => query.lane.length)) entries.push(["match", "how well the picture matches"]);
  if (page.queries.some((query) => query.truth.length)) entries.push(["true", "true answer"]);
  return entries.map(([kind, text]) => make("li", { className: kind }, make("i"), text));
}

/* The answers */

function line(moment) {
  const words = make("span", { className: "words" },
    make("span", { className: "when" }, range(moment), make("span", { className: "score", textContent: score(moment) })));
  for (const { kind, text } of moment.evidence.length ? moment.evidence : [{ kind: "seen" }])
    words.append(make("span", { className: `why ${kind}` }, make("b", { textContent: kind }), text ? ` “${text}”` : ""));
  const picture = moment.thumbnail ? make("img", { alt: "", src: moment.thumbnail }) : make("span", { className: "blank" });
  const button = make("button", { className: `moment ${kindOf(moment)}`, type: "button" }, picture, words);
  button.addEventListener("click", pick(moment));
  moment.elements.push(button);
  return make("li", {}, button);
}
function answer(query) {
  return make("article", { className: query.absent ? "answer absent" : "answer" },
    make("h2", { textContent: query.query }), likelihood(query),
    query.absent && query.moments.length ? make("p", { className: "nearest", textContent: "The nearest match" }) : "",
    make("ol", {}, ...query.moments.map(line)));
}

/* Following the film */

function follow() {
  const time = Math.min(now(), page.duration);
  if (pressed("loop") && current && !film.paused && time >= current.end) return seek(current.start);
  place(at("head"), time).firstChild.textContent = clock(time);
  at("head").dataset.edge = edge(time);
  const reach = (48 * page.duration) / at("overlay").clientWidth; // seconds that the playhead's label hides
  for (const [mark, element] of ticks) element.classList.toggle("under", Math.abs(mark - time) < reach);
  at("clock").replaceChildren(make("b", { textContent: clock(time) }), ` / ${clock(page.duration)}`);
  at("ruler").setAttribute("aria-valuenow", time.toFixed(2));
  at("ruler").setAttribute("aria-valuetext", `${clock(time)} of ${clock(page.duration)}`);
  at("stage").dataset.state = film.paused ? "paused" : "playing";
  at("play").setAttribute("aria-label", film.paused ? "Play" : "Pause");
  for (const moment of moments)
    for (const element of moment.elements) element.classList.toggle("now", moment.start <= time + HAIR && time < moment.end);
}
const edge = (time) => (time < 0.04 * page.duration ? "left" : time > 0.96 * page.duration ? "right" : "");
function timeUnder(event) {
  const box = at("overlay").getBoundingClientRect();
  const time = ((event.clientX - box.left) / box.width) * page.duration;
  return time >= 0 && time <= page.duration ? time : null;
}
function scrub(event) {
  const time = timeUnder(event), ghost = at("ghost");
  ghost.hidden = time === null || event.pointerType === "touch";
  if (time === null) return;
  place(ghost, time).firstChild.textContent = clock(time);
  ghost.dataset.edge = edge(time);
  if (event.type === "pointerdown" ? event.button === 0 : at("rows").hasPointerCapture(event.pointerId)) seek(time);
}

const KEYS = {
  " ": toggle, k: toggle, j: () => step(-5), l: () => step(5), ArrowLeft: () => step(-1), ArrowRight: () => step(1),
  ",": () => step(-page.frame), ".": () => step(page.frame), "[": () => neighbour(-1), "]": () => neighbour(1),
  "<": () => speed(-1), ">": () => speed(1), r: loop, m: mute, f: fullscreen,
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("button, summary") && (event.key === " " || event.key === "Enter")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) { event.preventDefault(); act(); }
});

/* The page */

document.title = `${page.title} · whenabouts`;
at("title").textContent = page.title;
const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;
const facts = [clock(page.duration), many(page.queries.length, "query", "queries")];
at("facts").textContent = (page.title === page.file ? facts : [page.file, ...facts]).join(" · ");
function tell(text) { at("note").textContent = text; at("note").hidden = !text; }
tell(page.note || "");
if (page.source) film.src = page.source;
else document.body.classList.add("filmless");
at("mute").hidden = !page.sound;
film.addEventListener("error", () => tell(`The film cannot be played: is ${page.file} still beside this page?`));

at("rows").prepend(ruler(), strip(), ...page.queries.map(lane));
at("legend").append(...legend());
at("list").append(...page.queries.map(answer));

const receipt = page.predictions.length ? page.predictions[0].receipt : null;
if (receipt) {
  const rows = [["whenabouts", receipt.version], ["grounder", receipt.grounder], ["film sha256", receipt.video_sha256],
    ...Object.entries(receipt.models).map(([name, hash]) => [`${name} sha256`, hash]),
    ...Object.entries(receipt.settings).map(([name, value]) => [name, JSON.stringify(value)])];
  for (const [name, value] of rows) at("receipt").append(make("dt", { textContent: name }), make("dd", { textContent: String(value) }));
}
const json = () => JSON.stringify(page.predictions, null, 2);
at("download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([json()], { type: "application/json" }));
  make("a", { href: address, download: "predictions.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
at("copy").hidden = !navigator.clipboard;
at("copy").addEventListener("click", async () => {
  const done = await navigator.clipboard.writeText(json()).then(() => true, () => false);
  at("copy").textContent = done ? "Copied" : "The browser does not allow it";
});

const root = document.documentElement;
root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
at("theme").addEventListener("click", () => { root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"; });

const acts = { play: toggle, previous: () => neighbour(-1), next: () => neighbour(1), back: KEYS[","], forward: KEYS["."],
  loop, mute, full: fullscreen, speed: () => speed(1, true) };
for (const [id, act] of Object.entries(acts))
  at(id).addEventListener("click", (event) => { if (event.detail) event.currentTarget.blur(); act(); });
film.addEventListener("click", toggle);
at("rows").addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, .label") || event.button) return;
  at("rows").setPointerCapture(event.pointerId);
  scrub(event);
});
at("rows").addEventListener("pointermove", scrub);
at("rows").addEventListener("pointerleave", () => { at("ghost").hidden = true; });
for (const name of ["timeupdate", "seeked", "loadedmetadata", "play", "pause", "ended"]) film.addEventListener(name, follow);
(function tick() { if (!film.paused) follow(); requestAnimationFrame(tick); })();
follow();
