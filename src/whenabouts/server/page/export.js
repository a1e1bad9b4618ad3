/* Export: the corrected moments in any format, corrections as training data, one moment as a clip. */

import { download, saveAs, submit } from "./api.js";
import { clipName, handedFiles, saveMade } from "./handed.js";
import { followJob } from "./jobs.js";
import { chosen } from "./lanes.js";
import { attempt, showNotice } from "./notice.js";
import { correctedPredictions, me } from "./queries.js";
import { byId, make } from "./shared/elements.js";
import { current } from "./shared/moments.js";
import { say, translate } from "./shared/language.js";

/* Which moments the files have; the server's word for each choice is its value. */
function choices() {
  const all = [["likely", say`What is likely there`], ["confirmed", say`Confirmed by you`], ["all", say`All, also what is unlikely`]];
  return make("select", {}, ...all.map(([value, textContent]) => make("option", { value, textContent })));
}

export function initExport(about, video) {
  const only = choices();
  const format = ({ name, suffix, use }) => {
    const button = make("button", { type: "button" }, make("span", { textContent: translate(use).replaceAll("`", "") }), make("span", { className: "suffix", textContent: suffix }));
    button.addEventListener("click", async () => {
      byId("formats").hidePopover();
      const predictions = correctedPredictions();
      if (!predictions.length) return showNotice("There is nothing to export yet: send a query, or mark a moment.");
      const body = { format: name, predictions, only: only.value };
      const notes = await attempt(() => download(`/api/videos/${video()}/export`, body, `moments${suffix}`));
      if (notes?.length) showNotice(notes.map(translate).join(". "));
    });
    return make("li", {}, button);
  };
  const lines = make("button", { type: "button" }, make("span", { textContent: say`All your corrections` }), make("span", { className: "suffix", textContent: ".jsonl" }));
  lines.addEventListener("click", () => {
    byId("formats").hidePopover();
    saveAs(`/api/annotations.jsonl?annotator=${encodeURIComponent(me)}`, `${me}.jsonl`);
  });
  const groups = [["editing", say`Editing programs`], ["watching", say`Players and web pages`], ["data", say`Data and annotation`]];
  byId("formats").append(
    make("h2", { textContent: say`For evaluation and training` }), make("ul", {}, make("li", {}, lines)),
    make("h2", { textContent: say`The moments of this video` }), make("label", {}, say`Moments`, only),
    ...groups.flatMap(([group, textContent]) => [
      make("h2", { textContent }), make("ul", {}, ...about.formats.filter((each) => each.group === group).map(format))]),
    ...handedFiles(video, correctedPredictions, only));
  byId("clip").addEventListener("click", async () => {
    if (!current) return showNotice("Select a moment first.");
    const { start, end } = current;
    const job = await attempt(() => submit(`/api/videos/${video()}/clip`, { start, end, smart: true, query: chosen.query, name: clipName() }));
    if (job) followClip(job);
  });
}

export function followClip(job) {
  followJob(job, byId("video-jobs"), saveMade);
}

/* The list opens under its button, inside the window. */
byId("formats").addEventListener("beforetoggle", () => {
  const box = byId("export").getBoundingClientRect(), list = byId("formats");
  list.style.top = `${box.bottom + 6}px`;
  list.style.right = `${Math.max(10, document.documentElement.clientWidth - box.right)}px`;
});
