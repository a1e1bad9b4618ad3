/* For other programs: the moments as corrected in any format, corrections as training data, one moment as a clip. */

import { keep, offer, post } from "./api.js";
import { pursue } from "./jobs.js";
import { chosen } from "./lanes.js";
import { attempt, tell } from "./notice.js";
import { corrections, me } from "./queries.js";
import { at, make } from "./shared/elements.js";
import { current } from "./shared/moments.js";

const NAMES = { json: "JSON, every field", otio: "OpenTimelineIO", edl: "DaVinci Resolve markers", xmeml: "Premiere Pro markers", fcpxml: "Final Cut Pro",
  vtt: "WebVTT chapters", "vtt-metadata": "WebVTT metadata", srt: "SubRip subtitles", ffmetadata: "FFmpeg chapters", csv: "CSV table", eaf: "ELAN",
  "label-studio": "Label Studio", fiftyone: "FiftyOne", qvhighlights: "QVHighlights rows", tal: "Action localisation" };

export function exports(about, video) {
  const format = ({ name, suffix }) => {
    const button = make("button", { type: "button" }, make("span", { textContent: NAMES[name] ?? name }), make("span", { className: "suffix", textContent: suffix }));
    button.addEventListener("click", () => {
      at("formats").hidePopover();
      const predictions = corrections();
      if (!predictions.length) return tell("There is nothing to export yet: ask something, or mark a moment.");
      attempt(() => keep(`/api/videos/${video()}/export`, { format: name, predictions }, `moments${suffix}`));
    });
    return make("li", {}, button);
  };
  const lines = make("button", { type: "button" }, make("span", { textContent: "All your corrections" }), make("span", { className: "suffix", textContent: ".jsonl" }));
  lines.addEventListener("click", () => {
    at("formats").hidePopover();
    offer(`/api/annotations.jsonl?annotator=${encodeURIComponent(me)}`, `${me}.jsonl`);
  });
  at("formats").append(
    make("h2", { textContent: "For evaluation and training" }), make("ul", {}, make("li", {}, lines)),
    make("h2", { textContent: "The moments of this video" }), make("ul", {}, ...about.formats.map(format)));
  at("clip").addEventListener("click", async () => {
    if (!current) return tell("Choose a moment first.");
    const { start, end } = current;
    const job = await attempt(() => post(`/api/videos/${video()}/clip`, { start, end, smart: true, query: chosen.query }));
    if (job) cutting(job);
  });
}

export function cutting(job) {
  pursue(job, at("video-jobs"), (done) => { if (done.state === "done") offer(done.result.file); });
}

/* The list opens under its button, inside the window. */
at("formats").addEventListener("beforetoggle", () => {
  const box = at("export").getBoundingClientRect(), list = at("formats");
  list.style.top = `${box.bottom + 6}px`;
  list.style.right = `${Math.max(10, document.documentElement.clientWidth - box.right)}px`;
});
