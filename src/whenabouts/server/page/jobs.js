/* Jobs: followed while they run, shown with their progress, cancelled on request. */

import { jobEvents, get, post, remove } from "./api.js";
import { glyph } from "./glyphs.js";
import { attempt, announce, showNotice } from "./notice.js";
import { make } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

const STREAMS = 1; // of events at once: the windows of a browser share six connections to a server
const POLL_INTERVAL = 1500; // milliseconds, for jobs without a stream
const FINAL = ["done", "failed", "cancelled"];
const KINDS = { clip: "Cutting a clip", scenes: "Making a contact sheet", index: "Indexing", watch: "Watching", copy: "Making a copy for the player" };
const followed = new Map(); // id → {job, shown, ended, stop}
const over = new Set(); // ids of those that were followed to their end

export const isRunning = (job) => !FINAL.includes(job.state);
const title = (job) => (job.kind === "find" ? job.request.queries.join(" · ") : translate(KINDS[job.kind]));

/* Show a job in `list` until it ends, then call `ended` with it; `early` gets it whenever it has found something more.
   A job that is followed already, or was to its end, is not shown twice. */
export function followJob(job, list, ended = () => {}, early = () => {}) {
  if (over.has(job.id)) return;
  if (followed.has(job.id)) {
    const entry = followed.get(job.id);
    list.append(entry.shown.item);
    Object.assign(entry, { ended, early });
    return;
  }
  const entry = { job, shown: row(job), ended, early, found: null, stop: null };
  followed.set(job.id, entry);
  list.append(entry.shown.item);
  update(entry, job);
  listen();
}

function listen() {
  let streams = [...followed.values()].filter((entry) => entry.stop).length;
  for (const entry of followed.values()) {
    if (entry.stop || streams >= STREAMS) continue;
    entry.stop = jobEvents(entry.job.id, (job) => update(entry, job), () => { entry.stop = null; refresh(entry); });
    streams += 1;
  }
}
async function refresh(entry) {
  const job = await get(`/api/jobs/${entry.job.id}`).catch((error) => (error.status === 404 ? { ...entry.job, state: "cancelled" } : showNotice(error.message)));
  if (job && followed.has(job.id)) update(entry, job);
}
setInterval(() => { if (!document.hidden) listen(); for (const entry of followed.values()) if (!entry.stop) refresh(entry); }, POLL_INTERVAL);

function update(entry, job) {
  if (!followed.has(job.id)) return;
  if (job.state !== entry.job.state || job === entry.job) announce(`${title(job)}: ${translate(job.state)}`);
  entry.job = job;
  drawJob(entry.shown, job);
  const found = JSON.stringify(job.early ?? null);
  if (isRunning(job) && job.early && found !== entry.found) { entry.found = found; entry.early(job); }
  if (isRunning(job)) return;
  followed.delete(job.id);
  over.add(job.id);
  entry.stop?.();
  if (job.state === "done" || job.state === "cancelled") entry.shown.item.remove();
  listen();
  entry.ended(job);
}

function row(job) {
  const words = make("span", { className: "job-title", textContent: title(job) });
  const step = make("span", { className: "job-step" });
  const fill = make("i");
  const bar = make("span", { className: "bar-of", role: "progressbar", ariaLabel: say`Progress of ${title(job)}`, ariaValueMin: "0", ariaValueMax: "100" }, fill);
  const button = make("button", { className: "quiet", type: "button", ariaLabel: say`Cancel ${title(job)}` }, glyph("close"));
  const item = make("li", { className: "job" }, words, step, bar, button);
  button.addEventListener("click", async () => {
    const entry = followed.get(job.id);
    const response = await attempt(() => (entry ? post(`/api/jobs/${job.id}/cancel`) : job.changeable ? remove(`/api/jobs/${job.id}`) : true));
    if (entry && response) update(entry, response);
    else if (!entry) item.remove();
  });
  return { item, step, fill, bar, button };
}

function drawJob({ item, step, fill, bar, button }, job) {
  const percent = Math.round(100 * (job.progress ?? 0));
  item.dataset.state = job.state;
  button.hidden = !job.changeable && job.state !== "failed"; // which is only shown no longer
  fill.style.width = `${percent}%`;
  bar.setAttribute("aria-valuenow", String(percent));
  const waiting = job.position > 1 ? say`waiting, ${job.position - 1} before it` : say`waiting`;
  const words = { queued: waiting, running: percent > 0 && percent < 100 ? `${translate(job.step)} · ${percent} %` : translate(job.step || "starting"), failed: translate(job.error || "failed") };
  step.textContent = words[job.state] ?? translate(job.state);
  if (job.kind === "watch" && job.state === "running") step.textContent = translate(job.step || "waiting for new videos");
  if (job.state === "failed") button.ariaLabel = say`Dismiss`;
}
