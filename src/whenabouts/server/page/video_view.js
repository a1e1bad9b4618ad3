/* The view of one video: its player, queries, answers and corrections. */

import { address, updateAddress } from "./address.js";
import { at, get, post, submit } from "./api.js";
import { compare, comparesAgain, endComparison, initCompare } from "./compare.js";
import { askNow, initAsk, setQuestion } from "./ask.js";
import { examplePicture, initExample, setExample } from "./example.js";
import { addMoment, clearEdits, confirmAnswer, initEditing, rejectAnswer, updateTools, withdraw } from "./editing.js";
import { loadFolds } from "./folding.js";
import { followClip, initExport } from "./export.js";
import { followSheet } from "./handed.js";
import { followJob, isRunning } from "./jobs.js";
import { showFilm } from "./filmstrip.js";
import { showPictures } from "./pictures.js";
import { drawLanes, select } from "./lanes.js";
import { announce, attempt, showNotice } from "./notice.js";
import { addOwn, addPrediction, addWaiting, changeAnnotator, endWaiting, findQuery, me, newQuery, queries, setAbsentBelow, setAnnotator, setUnderstood } from "./queries.js";
import { flush, loadAgreement, saveTo } from "./saving.js";
import { followAnnotations, showAnnotations } from "./sync.js";
import "./conflicts.js";
import { hitsIn } from "./search.js";
import { keep } from "./questions.js";
import { byId } from "./shared/elements.js";
import { covers, follow, media, now, onTime, seek, setMedia, show, shownFrame, shownTime, startOf, video } from "./shared/video.js";
import { moments, selectMoment } from "./shared/moments.js";
import { clock, many, range } from "./shared/words.js";
import "./shared/readout.js";
import "./stay.js";
import { showWords } from "./transcript.js";
import { initSelection } from "./word_selection.js";
import "./word_search.js";
import { showSound } from "./waveform.js";
import { showCaptions } from "./captions.js";
import { say, translate } from "./shared/language.js";

let open = null; // the video's facts
const hidden = new Set(); // queries that were hidden, until they are sent again
const id = () => open?.id;

export function init(about) {
  initAsk(about, id, followVideoJob, addByHand);
  initExample(about, id, moreLike);
  initExport(about, id);
  initEditing(draw);
  initCompare(about, draw);
  initSelection((text) => askNow([text]), markWords);
  document.addEventListener("unsaved", draw);
  setAbsentBelow(about.absent_below);
  const field = byId("annotator").querySelector("input");
  setAnnotator(about.user?.name ?? (stored("annotator") || "me"));
  field.readOnly = Boolean(about.user); // a user corrects under their own name
  field.value = me;
  field.addEventListener("change", () => {
    field.value = field.value.trim() || "me";
    store("annotator", field.value);
    flush();
    clearEdits();
    changeAnnotator(field.value);
    document.dispatchEvent(new CustomEvent("annotator"));
    loadAnnotations();
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") field.blur(); });
}
function stored(key) { try { return localStorage.getItem(key); } catch { return null; } }
function store(key, value) { try { localStorage.setItem(key, value); } catch { /* kept until the page closes */ } }

/* Open a video at a time, null for its start. Throws RequestError where it does not exist. */
export async function openVideo(videoId, time, query) {
  if (id() === videoId) { if (time !== null && Math.abs(time - now()) > 0.02) seek(time); return; }
  clear();
  const facts = await get(`/api/videos/${videoId}`);
  if (address().video !== videoId) return;
  open = facts;
  byId("queries").disabled = false;
  setMedia({ duration: facts.duration, frame: facts.labels.rate[1] / facts.labels.rate[0], source: null, labels: facts.labels });
  delete byId("video-view").dataset.loading;
  document.title = `${facts.name} · whenabouts`;
  byId("title").textContent = facts.name;
  byId("note").textContent = translate(facts.note ?? "");
  byId("note").hidden = !facts.note;
  byId("mute").hidden = !facts.sound;
  showFilm(videoId, facts);
  showPictures(videoId);
  showSound(videoId, facts.sound);
  show(0, facts.duration);
  if (facts.player === "file") playSource();
  saveTo(videoId);
  loadFolds(videoId);
  showSearchHits(videoId, query);
  draw();
  seek(time ?? 0);
  if (facts.player === "copy") requestCopy();
  loadWords();
  await loadJobs(videoId);
  if (id() !== videoId) return;
  await loadAnnotations();
  if (id() !== videoId) return;
  followAnnotations(videoId, (text) => hidden.has(text));
  if (time !== null) selectMomentAt(time, query);
  if (query && !findQuery(query)?.prediction?.receipt) setQuestion(query);
}

/* What a search found in this video gets a lane, and the query waits to be sent. */
function showSearchHits(videoId, query) {
  const found = hitsIn(videoId);
  if (found && found.query === query) addPrediction({ query, moments: found.moments, presence: null, failure: null, notes: [], saliency: null });
}
function selectMomentAt(time, query) {
  const moment = (findQuery(query)?.moments ?? moments).find((each) => covers(each, time) && (query || Math.abs(each.start - time) < 0.02));
  if (moment) selectMoment(moment);
}

function clear() {
  open = null;
  byId("video-view").dataset.loading = "true"; // no time is shown before it is known
  byId("queries").disabled = true; // until there is a video to ask about
  queries.length = 0;
  hidden.clear();
  video.pause();
  selectMoment(null);
  moments.length = 0;
  video.removeAttribute("src");
  video.removeAttribute("poster");
  video.load();
  setMedia({ duration: 1, source: null });
  for (const place of ["title", "facts", "note"]) byId(place).textContent = "";
  for (const place of ["video-jobs", "list", "legend"]) byId(place).replaceChildren();
  byId("rows").replaceChildren(byId("overlay"));
  showFilm(null);
  showPictures(null);
  showSound(null);
  clearEdits();
  endComparison();
  followAnnotations(null);
  saveTo(null);
  setQuestion("");
  setExample(null);
  showWords({ lines: [], complete: false });
  showCaptions(null, { captions: 0 });
}
export function closeVideo() { if (open) clear(); }

function draw() {
  const facts = [clock(open.duration), `${open.width} × ${open.height}`, open.timecode && say`timecode ${open.timecode}`, queries.length && many(queries.length, "query", "queries")];
  byId("facts").textContent = facts.filter(Boolean).join(" · ");
  drawLanes({ confirm: confirmAnswer, reject: rejectAnswer, withdraw, hide: hideQuery, compare: (query) => compare(id(), query), keep: ({ query }) => keep([query], false) });
  updateTools();
}
function hideQuery(query) {
  hidden.add(query.query);
  clearEdits(query);
  queries.splice(queries.indexOf(query), 1);
  draw();
}

/* After a reload: running jobs are followed again, and the newest answer to each query is shown again. */
async function loadJobs(of) {
  const response = await attempt(() => get(`/api/jobs?${new URLSearchParams({ video: of, limit: 200 })}`));
  if (!response || id() !== of) return;
  response.jobs.filter(isRunning).reverse().forEach(followVideoJob);
  const queried = new Set(), ids = [];
  for (const job of response.jobs) {
    if (job.state !== "done" || job.kind !== "find" || job.request.queries.every((text) => queried.has(text))) continue;
    for (const text of job.request.queries) queried.add(text);
    ids.unshift(job.id);
  }
  for (const job of await Promise.all(ids.map((each) => attempt(() => get(`/api/jobs/${each}`))))) if (job && id() === of) addAnswers(job, job.result);
}

/* A video that browsers cannot play gets a copy that they can play. */
async function requestCopy() {
  const of = id(), job = await attempt(() => post(`/api/videos/${of}/copy`));
  if (!job || id() !== of) return;
  if (isRunning(job)) return followVideoJob(job);
  playSource();
}
function playSource() {
  const time = now();
  media.source = at(`/api/videos/${id()}/stream`);
  video.src = media.source;
  video.removeAttribute("poster");
  if (time) seek(time);
}

/* Follow a job of this video, and show its answer once it is done. */
function followVideoJob(job) {
  if (job.kind === "clip") return followClip(job);
  if (job.kind === "scenes") return followSheet(job);
  const of = id();
  for (const text of job.request?.queries ?? []) hidden.delete(text);
  addWaiting(job.request?.queries ?? []);
  draw();
  followJob(job, byId("video-jobs"), async (done) => {
    if (id() !== of) return;
    if (done.state !== "done") { endWaiting(done.request?.queries ?? []); return draw(); }
    if (done.kind === "copy") return playSource();
    addAnswers(done, done.result);
    await comparesAgain(of, done);
    if (id() !== of) return;
    draw();
    loadWords();
    announce(say`Answered: ${done.request.queries.join(", ")}`);
  }, (running) => {
    if (id() !== of || document.querySelector("[data-held]")) return; // nothing moves under a hand
    addAnswers(running, running.early);
    draw();
  });
}
function addAnswers(job, result) {
  result.predictions.forEach((prediction, number) => {
    if (hidden.has(prediction.query)) return;
    const early = isRunning(job), known = findQuery(prediction.query), nothing = early && !prediction.moments.length; // so far, which says nothing
    const query = nothing ? known : addPrediction(prediction, (result.thumbnails?.[number] ?? []).map(at), job.id);
    if (!query) return;
    if (job.request.like) query.example = examplePicture(job.request.like, id());
    query.waiting = early;
    setUnderstood(query, prediction, result.understood?.[number] ?? "");
    if (early && !nothing && !query.mine) query.verdict = say`So far; still looking`;
    for (const moment of [...query.first, ...query.moments]) moment.thumbnail ??= thumbnail(moment);
  });
}
const thumbnail = (moment) => at(`/api/videos/${id()}/picture?${new URLSearchParams({ t: ((moment.start + moment.end) / 2).toFixed(3), height: 126 })}`);

/* Find what resembles a moment, among all else in this video. */
async function moreLike(like) {
  const job = await attempt(() => submit(`/api/videos/${id()}/find`, { queries: [], like, model: byId("model").value }));
  if (job) followVideoJob(job);
}

function addByHand(texts) {
  for (const text of texts) if (!findQuery(text)) queries.push(newQuery(text));
  draw();
  select(findQuery(texts[0]));
  byId("ruler").focus({ preventScroll: true });
}

function markWords(text, start, end) {
  if (!findQuery(text)) queries.push(newQuery(text));
  hidden.delete(text);
  const moment = addMoment(findQuery(text), start, end);
  announce(say`Marked ${range(moment)} for “${text}”`);
}

async function loadWords() {
  const of = id(), response = await attempt(() => get(`/api/videos/${of}/words`));
  if (response && id() === of) { showWords(response); showCaptions(of, response); follow(); }
}
async function loadAnnotations() {
  const of = id(), response = await attempt(() => get(`/api/videos/${of}/annotations`));
  if (!response || id() !== of) return;
  showAnnotations(response.annotations.filter(({ query }) => !hidden.has(query)));
  await drawAnnotations();
}
async function drawAnnotations() {
  const of = id();
  for (const query of queries) for (const moment of query.moments) moment.thumbnail ??= thumbnail(moment);
  await loadAgreement(of);
  if (id() === of) draw();
}
/* Another window saved something: what was changed there can no longer be undone here. */
document.addEventListener("news", ({ detail: changed }) => {
  changed.forEach(clearEdits);
  for (const query of changed) announce(say`“${query.query}” was changed in another window; its newest state is shown.`);
  drawAnnotations();
});
document.addEventListener("theirs", ({ detail: { query, saved } }) => {
  clearEdits(query);
  addOwn(query, saved);
  draw();
});
document.addEventListener("saved", async () => { const of = id(); await loadAgreement(of); if (id() === of && !document.querySelector("[data-held]")) draw(); });

video.addEventListener("error", () => { if (open && video.getAttribute("src")) showNotice(say`This browser cannot play ${open.name}. Its moments and pictures are still shown.`); });

/* The address follows the time; without a player, the picture at the playhead is shown. */
let timer = null;
onTime((time) => {
  if (!open || timer) return;
  timer = setTimeout(() => {
    timer = null;
    if (!open) return;
    if (address().video !== open.id) return; // somebody goes to another view, which is about to be shown
    if (video.paused) updateAddress({ video: open.id, t: shownTime().toFixed(3) });
    if (!media.source) video.poster = at(`/api/videos/${open.id}/picture?${new URLSearchParams({ t: startOf(shownFrame(time) + 0.5).toFixed(4), height: 480 })}`);
  }, 250);
});
