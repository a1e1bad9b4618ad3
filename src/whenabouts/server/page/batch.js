/* The same questions asked of several videos: chosen on the shelf, with a table of what each video answers. */

import { address, link, visit } from "./address.js";
import { get, post, saveAs } from "./api.js";
import { isRunning } from "./jobs.js";
import { attempt, announce, showNotice } from "./notice.js";
import { loadSaved } from "./questions.js";
import { byId, make } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";
import { clock, many, share } from "./shared/words.js";

const POLL_INTERVAL = 1500; // milliseconds
const chosen = new Set(); // ids of videos
let choosing = false, timer = null;

/* A card of the shelf gets its box, shown while videos are chosen. */
export function addChoice(item, video) {
  const box = make("input", { type: "checkbox", checked: chosen.has(video.id), ariaLabel: say`Choose ${video.name}` });
  box.addEventListener("change", () => { if (box.checked) chosen.add(video.id); else chosen.delete(video.id); count(); });
  item.append(make("label", { className: "choice", hidden: !choosing }, box));
}
const boxes = () => [...byId("videos").querySelectorAll(".choice input")];

function count() {
  byId("batch-count").textContent = many(chosen.size, "video", "videos");
  byId("ask-batch").disabled = !chosen.size;
}

byId("several").addEventListener("click", async () => {
  choosing = !choosing;
  byId("several").ariaExpanded = String(choosing);
  byId("batch-form").hidden = !choosing;
  for (const box of boxes()) box.parentElement.hidden = !choosing;
  count();
  if (!choosing) return;
  byId("batch-queries").focus();
  const [saved, earlier] = await Promise.all([loadSaved(), attempt(() => get("/api/batches"))]);
  byId("batch-saved").replaceChildren(...[...new Set(saved.map(({ query }) => query))].map((query) => {
    const button = make("button", { className: "plain", type: "button", textContent: query, ariaLabel: say`Ask too: ${query}` });
    button.addEventListener("click", () => { byId("batch-queries").value = [...new Set([...typed(), query])].join("\n"); });
    return button;
  }));
  const links = (earlier?.batches ?? []).map(({ id, videos, queries }) => make("a", { href: link({ batch: id }), textContent: say`${queries.join(", ")} (${many(videos, "video", "videos")})` }));
  byId("batches").hidden = !links.length;
  byId("batches").replaceChildren(say`Earlier tables:`, ...links);
});
const typed = () => [...new Set(byId("batch-queries").value.split("\n").map((line) => line.trim()).filter(Boolean))];

byId("choose-all").addEventListener("click", () => {
  const all = boxes(), check = all.some((box) => !box.checked);
  for (const box of all) if (box.checked !== check) box.click();
});
byId("batch-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const queries = typed();
  if (!queries.length) return byId("batch-queries").focus();
  if (!chosen.size) return showNotice("Choose some videos first.");
  if (byId("ask-batch").disabled) return; // it is being sent
  byId("ask-batch").disabled = true;
  const batch = await attempt(() => post("/api/batches", { videos: [...chosen], find: { queries } }));
  count();
  if (!batch) return;
  chosen.clear();
  for (const box of boxes()) box.checked = false;
  byId("batch-queries").value = "";
  byId("several").click();
  visit({ batch: batch.id });
});

/* The table */

export function leaveBatch() { clearTimeout(timer); }

export async function showBatch(id) {
  clearTimeout(timer);
  const batch = await attempt(() => get(`/api/batches/${id}`));
  if (address().batch !== id || byId("batch-view").hidden) return;
  if (!batch) { timer = setTimeout(() => showBatch(id), POLL_INTERVAL); return; }
  const running = batch.rows.filter(isRunning).length;
  byId("batch-title").textContent = batch.queries.join(" · ");
  document.title = `${batch.queries[0]} · whenabouts`;
  const answered = outcome(batch.rows);
  if (byId("batch-facts").textContent !== answered) byId("batch-facts").textContent = answered;
  draw(batch);
  byId("batch-csv").onclick = () => saveAs(`/api/batches/${id}/moments.csv`, "moments.csv");
  if (running) timer = setTimeout(() => showBatch(id), POLL_INTERVAL);
  else announce(answered);
}

/* How many videos have an answer; a job that was cancelled or failed gave none. */
function outcome(rows) {
  const count = (wanted) => rows.filter(({ state }) => state === wanted).length;
  const [cancelled, failed] = [count("cancelled"), count("failed")];
  return [say`${count("done")} of ${many(rows.length, "video", "videos")} answered`, cancelled && say`${cancelled} cancelled`, failed && say`${failed} failed`].filter(Boolean).join(" · ");
}

function draw({ queries, rows }) {
  const table = byId("batch-table").querySelector("table"), drawn = JSON.stringify([queries, rows]);
  if (table.drawn === drawn) return; // the keyboard stays where it is
  table.drawn = drawn;
  const head = make("tr", {}, ...[say`video`, ...queries].map((textContent) => make("th", { scope: "col", textContent })));
  table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows.map((row) => make("tr", {},
    make("th", { scope: "row" }, make("a", { href: link({ video: row.video }), textContent: row.name || say`deleted` })),
    ...queries.map((query) => make("td", {}, ...cell(row, query)))))));
}

/* How likely, and the first moment as a link to it. */
function cell(row, query) {
  const answer = row.answers.find((each) => each.query === query);
  if (!answer) return [make("span", { className: "soft", textContent: waiting(row) })];
  const { presence, first, moments } = answer;
  const words = answer.failure ? say`No usable answer` : answer.absent ? say`Probably not in this video` : !moments ? say`Nothing found` : "";
  const parts = [make("b", { textContent: presence === null ? "" : share(presence) }), make("span", { className: "soft", textContent: words })];
  if (first) {
    const text = `${clock(first[0])} – ${clock(first[1])}`;
    parts.push(make("a", { href: link({ video: row.video, t: first[0].toFixed(2), q: query }), textContent: text, ariaLabel: `${row.name}: ${query}: ${text}` }));
  }
  if (moments > 1) parts.push(make("span", { className: "soft", textContent: say`and ${moments - 1} more` }));
  return parts.filter((part) => part.textContent);
}
function waiting({ state, step, progress, error }) {
  if (state === "failed") return translate(error || "failed");
  if (state !== "running") return translate(state === "queued" ? "waiting" : state);
  return `${translate(step)} · ${Math.round(100 * progress)} %`;
}
