/* Files to hand on beside those of moments: timelines of cuts of one or many videos, transcripts, contact sheets; and how clips are named. */

import { download, saveAs, submit } from "./api.js";
import { followJob } from "./jobs.js";
import { attempt, showNotice } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

const CUTS = [["otio", ".otio", "OpenTimelineIO"], ["edl", ".edl", "EDL (CMX3600)"], ["xmeml", ".xml", "Premiere, Resolve"], ["fcpxml", ".fcpxml", "Final Cut Pro"]];
const DOCUMENTS = [["txt", ".txt", "Text"], ["docx", ".docx", "Word"], ["pdf", ".pdf", "PDF"]];
const SHEETS = [["html", ".html", "Page"], ["pdf", ".pdf", "PDF"]];
const CLIP_NAME = "clip-name", NAME_EXAMPLE = "{video}_{number:03}_{query}_{start}";

/* The template of names that this browser keeps; null for the usual one. */
export function clipName() { try { return localStorage.getItem(CLIP_NAME) || null; } catch { return null; } }
function keepClipName(name) { try { localStorage.setItem(CLIP_NAME, name); } catch { showNotice("This browser keeps nothing: clips are named as usual."); } }

/* Parts of the list of exports. `answers` gives predictions, `only` is the choice of moments. */
export function handedFiles(video, answers, only) {
  const room = make("input", { type: "number", min: "0", max: "60", step: "0.5", value: "1" });
  const name = make("input", { type: "text", maxLength: 200, placeholder: NAME_EXAMPLE, value: clipName() ?? "", autocomplete: "off", spellcheck: false });
  name.addEventListener("change", () => keepClipName(name.value.trim()));
  const cuts = ([format]) => {
    const predictions = answers();
    if (!predictions.length) return showNotice("There is nothing to export yet: send a query, or mark a moment.");
    return stringout(format, [{ video: video(), predictions }], { only: only.value, handles: Number(room.value) || 0 });
  };
  const words = ([format, suffix]) => save(`/api/videos/${video()}/transcript`, { format, predictions: answers(), only: only.value }, `transcript${suffix}`);
  const shots = ([format]) => sheet(video(), { format });
  const moments = ([format]) => sheet(video(), { format, predictions: answers(), only: only.value });
  return [
    make("h2", { textContent: say`A timeline of cuts` }), make("label", {}, say`Seconds of room at each end`, room), list(CUTS, cuts),
    make("h2", { textContent: say`Transcript` }), list(DOCUMENTS, words),
    make("h2", { textContent: say`Contact sheet of all shots` }), list(SHEETS, shots),
    make("h2", { textContent: say`Contact sheet of the moments` }), list(SHEETS, moments),
    make("h2", { textContent: say`Clips` }), make("label", {}, say`Name of clips`, name),
  ];
}

/* Buttons that save the hits of a library search as one timeline. */
export function cutsOfHits(query, found) {
  const videos = () => [...found].map(([video, { moments }]) => ({ video, predictions: [{ query, moments, duration: Math.max(...moments.map(({ end }) => end)) }] }));
  const buttons = CUTS.map(([format, suffix, label]) => button("plain", suffix, label, () => stringout(format, videos(), {})));
  byId("search-cuts").replaceChildren(make("span", { textContent: say`All as a timeline of cuts` }), ...buttons);
  byId("search-cuts").hidden = !found.size;
}

function button(className, textContent, label, act) {
  const made = make("button", { className, type: "button", textContent, title: translate(label) });
  made.addEventListener("click", act);
  return made;
}

function list(files, act) {
  return make("ul", {}, ...files.map((file) => {
    const made = make("button", { type: "button" }, make("span", { textContent: translate(file[2]) }), make("span", { className: "suffix", textContent: file[1] }));
    made.addEventListener("click", () => { byId("formats").hidePopover(); act(file); });
    return make("li", {}, made);
  }));
}

async function save(path, body, name) {
  const notes = await attempt(() => download(path, body, name));
  if (notes?.length) showNotice(notes.map(translate).join(". "));
}
const stringout = (format, videos, options) => save("/api/stringout", { format, videos, ...options }, "selects");

/* A contact sheet is a job: every picture of the video is looked at. */
async function sheet(video, body) {
  const job = await attempt(() => submit(`/api/videos/${video}/scenes`, body));
  if (job) followSheet(job);
}
export function followSheet(job) {
  followJob(job, byId("video-jobs"), saveMade);
}
/* The file that a job made, and what its maker says of it. */
export function saveMade(done) {
  if (done.state !== "done") return;
  saveAs(done.result.file);
  if (done.result.notes) showNotice(done.result.notes.map(translate).join(". "));
}
