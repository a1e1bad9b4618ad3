/* One video on the desk: the player, what was asked and answered, what people corrected. */

import { address, note } from "./address.js";
import { get, post } from "./api.js";
import { asking, propose } from "./ask.js";
import { describe, edits, forgetEdits, right, wrong } from "./editing.js";
import { cutting, exports } from "./exporting.js";
import { pursue, running } from "./jobs.js";
import { video as pictures, select, show } from "./lanes.js";
import { attempt, say, tell } from "./notice.js";
import { annotated, answered, blank, call, known, me, queries, renamed } from "./queries.js";
import { agreement, savesTo } from "./saving.js";
import { foundIn } from "./search.js";
import { at } from "./shared/elements.js";
import { covers, video, follow, now, reel, seek, whenever } from "./shared/video.js";
import { choose, moments } from "./shared/moments.js";
import { clock, many } from "./shared/words.js";
import { transcribe } from "./transcript.js";
import { whole } from "./zoom.js";

let open = null; // the video's facts
const hidden = new Set(); // sentences that were put away, until asked again
const id = () => open?.id;

export function furnish(about) {
  asking(about, id, follows, byHand);
  exports(about, id);
  edits(draw);
  const field = at("annotator").querySelector("input");
  call(stored("annotator") || "me");
  field.value = me;
  field.addEventListener("change", () => {
    field.value = field.value.trim() || "me";
    store("annotator", field.value);
    renamed(field.value);
    people();
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") field.blur(); });
}
function stored(key) { try { return localStorage.getItem(key); } catch { return null; } }
function store(key, value) { try { localStorage.setItem(key, value); } catch { /* kept until the page closes */ } }

/* Open a video at a time, null for its start. Throws Refused where there is none. */
export async function lay(video_id, time, query) {
  if (id() === video_id) { if (time !== null && Math.abs(time - now()) > 0.02) seek(time); return; }
  clear();
  const facts = await get(`/api/videos/${video_id}`);
  if (address().video !== video_id) return;
  open = facts;
  at("queries").disabled = false;
  Object.assign(reel, { duration: facts.duration, frame: facts.frame, source: null });
  document.title = `${facts.name} · whenabouts`;
  at("title").textContent = facts.name;
  at("note").textContent = facts.note ?? "";
  at("note").hidden = !facts.note;
  at("mute").hidden = !facts.sound;
  if (facts.player === "file") playable();
  savesTo(video_id);
  hits(video_id, query);
  draw();
  seek(time ?? 0);
  if (facts.player === "copy") copied();
  filmstrip();
  words();
  await earlier(video_id);
  if (id() !== video_id) return;
  await people();
  if (time !== null) land(time, query);
  if (query && !known(query)?.prediction?.receipt) propose(query);
}

/* What the search found here stands on a lane of its own, and its words wait to be asked. */
function hits(video_id, query) {
  const told = foundIn(video_id);
  if (told && told.query === query) answered({ query, moments: told.moments, presence: null, failure: null, notes: [], saliency: null });
}
function land(time, query) {
  const moment = (known(query)?.moments ?? moments).find((each) => covers(each, time) && (query || Math.abs(each.start - time) < 0.02));
  if (moment) choose(moment);
}

function clear() {
  open = null;
  at("queries").disabled = true; // until there is a video to ask about
  queries.length = 0;
  hidden.clear();
  video.pause();
  choose(null);
  moments.length = 0;
  video.removeAttribute("src");
  video.removeAttribute("poster");
  video.load();
  Object.assign(reel, { duration: 1, source: null });
  for (const place of ["title", "facts", "note"]) at(place).textContent = "";
  for (const place of ["video-jobs", "list", "legend"]) at(place).replaceChildren();
  at("rows").replaceChildren(at("overlay"));
  pictures([]);
  forgetEdits();
  whole();
  savesTo(null);
  propose("");
  transcribe({ lines: [], complete: false });
}
export function leave() { if (open) clear(); }

function draw() {
  const facts = [clock(open.duration), `${open.width} × ${open.height}`, open.timecode && `timecode ${open.timecode}`, queries.length && many(queries.length, "query", "queries")];
  at("facts").textContent = facts.filter(Boolean).join(" · ");
  show({ right, wrong, hide: putAway });
  describe();
}
function putAway(query) {
  hidden.add(query.query);
  queries.splice(queries.indexOf(query), 1);
  draw();
}

/* After a reload: running jobs are followed again, and the newest answer to each query is shown again. */
async function earlier(of) {
  const told = await attempt(() => get(`/api/jobs?${new URLSearchParams({ video: of, limit: 200 })}`));
  if (!told || id() !== of) return;
  told.jobs.filter(running).reverse().forEach(follows);
  const seen = new Set(), wanted = [];
  for (const job of told.jobs) {
    if (job.state !== "done" || job.kind !== "find" || job.request.queries.every((sentence) => seen.has(sentence))) continue;
    for (const sentence of job.request.queries) seen.add(sentence);
    wanted.unshift(job.id);
  }
  for (const job of await Promise.all(wanted.map((each) => attempt(() => get(`/api/jobs/${each}`))))) if (job && id() === of) take(job);
}

/* A video that browsers cannot play gets a copy that they can. */
async function copied() {
  const of = id(), job = await attempt(() => post(`/api/videos/${of}/copy`));
  if (!job || id() !== of) return;
  if (running(job)) return follows(job);
  playable();
}
function playable() {
  const time = now();
  reel.source = `/api/videos/${id()}/stream`;
  video.src = reel.source;
  video.removeAttribute("poster");
  if (time) seek(time);
}

/* A job of this video: followed, and its answer taken when it is there. */
function follows(job) {
  if (job.kind === "clip") return cutting(job);
  const of = id();
  for (const sentence of job.request?.queries ?? []) hidden.delete(sentence);
  pursue(job, at("video-jobs"), (done) => {
    if (id() !== of || done.state !== "done") return;
    if (done.kind === "copy") return playable();
    take(done);
    draw();
    words();
    say(`Answered: ${done.request.queries.join(", ")}`);
  });
}
function take(job) {
  job.result.predictions.forEach((prediction, number) => {
    if (hidden.has(prediction.query)) return;
    const query = answered(prediction, job.result.thumbnails?.[number] ?? []);
    for (const moment of [...query.first, ...query.moments]) moment.thumbnail ??= still(moment);
  });
}
const still = (moment) => `/api/videos/${id()}/picture?${new URLSearchParams({ t: ((moment.start + moment.end) / 2).toFixed(3), height: 126 })}`;

function byHand(sentences) {
  for (const sentence of sentences) if (!known(sentence)) queries.push(blank(sentence));
  draw();
  select(known(sentences[0]));
  at("ruler").focus({ preventScroll: true });
}

async function filmstrip() {
  const of = id(), told = await attempt(() => get(`/api/videos/${of}/strip?count=14`));
  if (!told || id() !== of) return;
  pictures(told.pictures);
  draw();
}
async function words() {
  const of = id(), told = await attempt(() => get(`/api/videos/${of}/words`));
  if (told && id() === of) { transcribe(told); follow(); }
}
async function people() {
  const of = id(), told = await attempt(() => get(`/api/videos/${of}/annotations`));
  if (!told || id() !== of) return;
  annotated(told.annotations.filter(({ query }) => !hidden.has(query)));
  for (const query of queries) for (const moment of query.moments) moment.thumbnail ??= still(moment);
  await agreement(of);
  if (id() === of) draw();
}
document.addEventListener("saved", async () => { const of = id(); await agreement(of); if (id() === of && !document.querySelector("[data-held]")) draw(); });

video.addEventListener("error", () => { if (open && video.getAttribute("src")) tell(`${open.name} cannot be played here. Its moments and pictures still can be looked at.`); });

/* Where no player is, the picture at the playhead; where one is, the address keeps the time. */
let due = null;
whenever((time) => {
  if (!open || due) return;
  due = setTimeout(() => {
    due = null;
    if (!open) return;
    if (video.paused) note({ video: open.id, t: Math.min(now(), reel.duration).toFixed(2) });
    if (!reel.source) video.poster = `/api/videos/${open.id}/picture?${new URLSearchParams({ t: time.toFixed(2), height: 480 })}`;
  }, 250);
});
