/* The videos: those of the allowed folders, and those that people upload. */

import { address, link, note, visit } from "./address.js";
import { get, post, remove, send } from "./api.js";
import { glyph } from "./glyphs.js";
import { pursue, running } from "./jobs.js";
import { attempt, say, tell } from "./notice.js";
import { at, make } from "./shared/elements.js";
import { many } from "./shared/words.js";

const PAGE = 60; // videos at a time
const UPLOADS = "uploads"; // the folder that videos are uploaded to
let about = null, folder = null, shown = 0, total = 0, folders = [];

export function shelve(told) {
  about = told;
  folders = about.folders;
  at("finder").hidden = !about.library;
  at("drop").hidden = !about.uploads;
  at("folders").append(...folders.map((each) => {
    const tab = make("button", { type: "button", role: "tab", id: `folder-${each.id}`, textContent: each.name });
    tab.addEventListener("click", () => { note({ folder: each.id }); enter(each); });
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = folders[(folders.indexOf(each) + by + folders.length) % folders.length];
      at(`folder-${next.id}`).focus();
      at(`folder-${next.id}`).click();
    });
    return tab;
  }));
}

export async function browse() {
  document.title = "Videos · whenabouts";
  const wanted = folders.find(({ id }) => id === address().folder) ?? folder ?? folders[0];
  if (wanted) enter(wanted);
  const told = await attempt(() => get("/api/jobs?limit=100"));
  for (const job of told?.jobs ?? []) if (running(job) && ["index", "watch"].includes(job.kind)) work(job);
}

async function enter(next) {
  folder = next;
  for (const { id } of folders) {
    at(`folder-${id}`).setAttribute("aria-selected", String(id === next.id));
    at(`folder-${id}`).tabIndex = id === next.id ? 0 : -1;
  }
  at("index").textContent = next.indexed ? "Index again" : "Index";
  at("videos").replaceChildren();
  shown = 0;
  await further();
}

async function further() {
  const of = folder;
  const told = await attempt(() => get(`/api/videos?${new URLSearchParams({ folder: of.id, offset: shown, limit: PAGE })}`));
  if (!told || of !== folder) return;
  at("videos").append(...told.videos.map(card));
  shown += told.videos.length;
  total = told.total;
  at("more").hidden = shown >= total;
  at("no-videos").hidden = total > 0;
}
at("more").addEventListener("click", further);

const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);

function card(video) {
  const picture = make("img", { alt: "", loading: "lazy", src: `/api/videos/${video.id}/picture?t=2&height=180` });
  picture.addEventListener("error", () => picture.replaceWith(make("span", { className: "blank" }, glyph("video"))));
  const open = make("a", { href: link({ video: video.id }), className: "video" },
    picture, make("b", { textContent: video.name, title: video.name }), make("span", { textContent: [size(video.size), video.within].filter(Boolean).join(" · ") }));
  const item = make("li", {}, open);
  if (folder.id === UPLOADS) {
    const button = make("button", { className: "quiet", type: "button", ariaLabel: `Delete ${video.name}`, title: "Delete" }, glyph("remove"));
    button.addEventListener("click", async () => {
      if (button.dataset.sure) {
        const gone = await attempt(async () => { await remove(`/api/videos/${video.id}`); return true; });
        if (gone) { item.remove(); say(`${video.name} is deleted`); shown -= 1; total -= 1; at("no-videos").hidden = total > 0; }
        return;
      }
      button.dataset.sure = "yes"; // a second press deletes
      button.ariaLabel = `Really delete ${video.name}`;
      button.replaceChildren("Delete?");
      setTimeout(() => { delete button.dataset.sure; button.ariaLabel = `Delete ${video.name}`; button.replaceChildren(glyph("remove")); }, 4000);
    });
    item.append(button);
  }
  return item;
}

/* Indexing a folder, and watching it for new videos */

async function begin(way) {
  const body = { written: at("folder-written").querySelector("input").checked };
  const job = await attempt(() => post(`/api/folders/${folder.id}/${way}`, body));
  if (job) work(job);
}
function work(job) {
  pursue(job, at("all-jobs"), async (done) => {
    for (const { name, reason } of done.result?.failed ?? []) tell(`${name} is not indexed: ${reason}`);
    const told = await attempt(() => get("/api/about"));
    if (!told) return;
    at("finder").hidden = !told.library;
    for (const each of folders) each.indexed = told.folders.find(({ id }) => id === each.id)?.indexed ?? false;
    at("index").textContent = folder?.indexed ? "Index again" : "Index";
  });
}
at("index").addEventListener("click", () => begin("index"));
at("watch").addEventListener("click", () => begin("watch"));

/* Uploading: by the button, or dropped anywhere */

export async function take(files) {
  if (!about?.uploads) return tell("This server takes no uploads.");
  const list = [...files], kept = [];
  for (const file of list) {
    if (about.upload_limit && file.size > about.upload_limit) tell(`${file.name} is too large: this server takes at most ${size(about.upload_limit)}.`);
    else kept.push(upload(file));
  }
  const videos = (await Promise.all(kept)).filter(Boolean);
  if (videos.length === 1 && list.length === 1) visit({ video: videos[0].id });
  else if (videos.length) { say(`${many(videos.length, "video is", "videos are")} uploaded`); if (!at("shelf").hidden) enter(folders.find(({ id }) => id === UPLOADS)); }
}
async function upload(file) {
  const fill = make("i"), step = make("span", { className: "job-step", textContent: "0 %" });
  const bar = make("span", { className: "bar-of", role: "progressbar", ariaLabel: `Upload of ${file.name}`, ariaValueMin: "0", ariaValueMax: "100" }, fill);
  const button = make("button", { className: "quiet", type: "button", ariaLabel: `Cancel the upload of ${file.name}` }, glyph("close"));
  const item = make("li", { className: "job" }, make("span", { className: "job-title", textContent: file.name }), step, bar, button);
  item.dataset.state = "running";
  at("uploads").append(item);
  say(`Uploading ${file.name}`);
  const [video, cancel] = send(file, (part) => {
    const percent = Math.round(100 * part);
    fill.style.width = `${percent}%`;
    bar.setAttribute("aria-valuenow", String(percent));
    step.textContent = percent === 100 ? "checking" : `${percent} %`;
  });
  button.addEventListener("click", cancel);
  const done = await attempt(() => video);
  item.remove();
  return done;
}
at("upload").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", () => { take(at("file").files); at("file").value = ""; });

const carries = (event) => event.dataTransfer?.types.includes("Files");
let inside = 0;
addEventListener("dragenter", (event) => { if (carries(event)) { inside += 1; at("curtain").hidden = false; } });
addEventListener("dragleave", (event) => { if (carries(event) && --inside <= 0) { inside = 0; at("curtain").hidden = true; } });
addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  inside = 0;
  at("curtain").hidden = true;
  if (at("shelf").hidden) visit({});
  take(event.dataTransfer.files);
});
