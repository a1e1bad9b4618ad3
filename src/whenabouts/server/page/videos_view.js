/* The view of all videos: those of the folders, and uploads. */

import { address, link, updateAddress, visit } from "./address.js";
import { at, get, remove, sendFile, submit } from "./api.js";
import { addChoice } from "./batch.js";
import { takeOver } from "./early.js";
import { glyph } from "./glyphs.js";
import { followJob, isRunning } from "./jobs.js";
import { attempt, announce, showNotice } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { clock, many } from "./shared/words.js";
import { say, translate } from "./shared/language.js";

const PAGE = 60; // videos at a time
const MEASURED = 12; // videos of which the lengths are asked at once
const TYPING_PAUSE = 200; // milliseconds after the last key of a filter
const UPLOADS = "uploads"; // the folder that videos are uploaded to
const ready = Promise.withResolvers(); // once `about` is there
let about = null, folder = null, shown = 0, total = 0, opened = 0, folders = []; // opened: how often a list was begun

export function initVideos(facts) {
  about = facts;
  ready.resolve();
  folders = about.folders;
  byId("finder").hidden = !about.library;
  byId("drop").hidden = !about.uploads;
  byId("folders").append(...folders.map((each) => {
    const tab = make("button", { type: "button", role: "tab", id: `folder-${each.id}`, textContent: each.name });
    tab.addEventListener("click", () => { updateAddress({ folder: each.id }); openFolder(each); });
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = folders[(folders.indexOf(each) + by + folders.length) % folders.length];
      byId(`folder-${next.id}`).focus();
      byId(`folder-${next.id}`).click();
    });
    return tab;
  }));
}

export async function showVideos() {
  document.title = say`Videos · whenabouts`;
  const next = folders.find(({ id }) => id === address().folder) ?? folder ?? folders[0];
  if (next) openFolder(next);
  const response = await attempt(() => get("/api/jobs?limit=100"));
  for (const job of response?.jobs ?? []) if (isRunning(job) && ["index", "watch"].includes(job.kind)) followIndexing(job);
}

async function openFolder(next) {
  folder = next;
  for (const { id } of folders) {
    byId(`folder-${id}`).setAttribute("aria-selected", String(id === next.id));
    byId(`folder-${id}`).tabIndex = id === next.id ? 0 : -1;
  }
  byId("index").textContent = next.indexed ? say`Index again` : say`Index`;
  byId("videos").replaceChildren();
  [shown, opened] = [0, opened + 1];
  await loadMore();
}

async function loadMore() {
  const of = folder;
  const asked = { folder: of.id, offset: shown, limit: PAGE, ...order() }, list = opened;
  const response = await attempt(() => get(`/api/videos?${new URLSearchParams(asked)}`));
  if (!response || list !== opened) return;
  byId("videos").append(...response.videos.map(card));
  shown += response.videos.length;
  total = response.total;
  showTotal();
  measure(asked, response.videos.length);
}
function showTotal() {
  const filtered = Boolean(byId("name-filter").value.trim());
  byId("more").hidden = shown >= total;
  byId("no-videos").hidden = total > 0;
  byId("no-videos").textContent = filtered ? say`No video here has this in its name.` : say`No videos here yet.`;
  byId("drop").classList.toggle("small", total > 0 || filtered); // a full shelf needs no invitation
  for (const control of ["name-filter", "sort", "several"]) byId(control).hidden = !total && !filtered;
}
/* What the list shows, and in which order. */
function order() {
  const name = byId("name-filter").value.trim();
  return { sort: byId("sort").value, ...(name ? { name } : {}) };
}
/* To know how long videos are they must be opened: the cards do not wait for it. */
async function measure(asked, count) {
  const list = opened;
  for (let at = 0; at < count; at += MEASURED) {
    const part = { ...asked, offset: asked.offset + at, limit: Math.min(MEASURED, count - at), lengths: true };
    const response = await get(`/api/videos?${new URLSearchParams(part)}`).catch(() => null);
    if (list !== opened || byId("videos-view").hidden) return;
    for (const { id, duration } of response?.videos ?? []) {
      const place = duration === null ? null : byId(`length-${id}`);
      if (place) place.textContent = `${clock(duration, 0)} · `;
    }
  }
}
byId("more").addEventListener("click", loadMore);
let typing = null;
byId("name-filter").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => openFolder(folder), TYPING_PAUSE); });
byId("sort").addEventListener("change", () => openFolder(folder));

const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`);

function card(video) {
  const picture = make("img", { alt: "", loading: "lazy", src: at(`/api/videos/${video.id}/picture?t=2&height=180`) });
  picture.addEventListener("error", () => picture.replaceWith(make("span", { className: "blank" }, glyph("video"))));
  const open = make("a", { href: link({ video: video.id }), className: "video" },
    picture, make("b", { textContent: video.name, title: video.name }), make("span", {}, make("span", { id: `length-${video.id}` }), [size(video.size), video.within].filter(Boolean).join(" · ")));
  const item = make("li", {}, open);
  addChoice(item, video);
  if (video.changeable) {
    const button = make("button", { className: "quiet", type: "button", ariaLabel: say`Delete ${video.name}`, title: say`Delete` }, glyph("remove"));
    button.addEventListener("click", async () => {
      if (button.dataset.sure) {
        const deleted = await attempt(async () => { await remove(`/api/videos/${video.id}`); return true; });
        if (deleted) { item.remove(); announce(say`${video.name} is deleted`); shown -= 1; total -= 1; showTotal(); }
        return;
      }
      button.dataset.sure = "yes"; // a second press deletes
      button.ariaLabel = say`Confirm: delete ${video.name}`;
      button.replaceChildren(say`Delete?`);
      setTimeout(() => { delete button.dataset.sure; button.ariaLabel = say`Delete ${video.name}`; button.replaceChildren(glyph("remove")); }, 4000);
    });
    item.append(button);
  }
  return item;
}

/* Indexing a folder, and watching it for new videos */

async function startJob(kind) {
  const body = { written: byId("folder-written").querySelector("input").checked };
  const job = await attempt(() => submit(`/api/folders/${folder.id}/${kind}`, body));
  if (job) followIndexing(job);
}
function followIndexing(job) {
  followJob(job, byId("all-jobs"), async (done) => {
    for (const { name, reason } of done.result?.failed ?? []) showNotice(say`${name} was not indexed: ${translate(reason)}`);
    const response = await attempt(() => get("/api/about"));
    if (!response) return;
    byId("finder").hidden = !response.library;
    for (const each of folders) each.indexed = response.folders.find(({ id }) => id === each.id)?.indexed ?? false;
    byId("index").textContent = folder?.indexed ? say`Index again` : say`Index`;
  });
}
byId("index").addEventListener("click", () => startJob("index"));
byId("watch").addEventListener("click", () => startJob("watch"));

/* Uploading: by the button, or dropped anywhere */

async function uploadAll(files) {
  const list = [...files], uploads = [];
  await ready.promise;
  if (!about.uploads) return showNotice("Uploads are disabled on this server.");
  for (const file of list) {
    if (file.size > about.upload_limit) showNotice(say`${file.name} is too large: this server accepts at most ${size(about.upload_limit)}.`);
    else uploads.push(upload(file));
  }
  const videos = (await Promise.all(uploads)).filter(Boolean);
  if (videos.length === 1 && list.length === 1) visit({ video: videos[0].id });
  else if (videos.length) { announce(many(videos.length, "video is uploaded", "videos are uploaded")); if (!byId("videos-view").hidden) openFolder(folders.find(({ id }) => id === UPLOADS)); }
}
async function upload(file) {
  const fill = make("i"), step = make("span", { className: "job-step", textContent: "0 %" });
  const bar = make("span", { className: "bar-of", role: "progressbar", ariaLabel: say`Upload of ${file.name}`, ariaValueMin: "0", ariaValueMax: "100" }, fill);
  const button = make("button", { className: "quiet", type: "button", ariaLabel: say`Cancel the upload of ${file.name}` }, glyph("close"));
  const item = make("li", { className: "job" }, make("span", { className: "job-title", textContent: file.name }), step, bar, button);
  item.dataset.state = "running";
  byId("uploads").append(item);
  announce(say`Uploading ${file.name}`);
  const [video, cancel] = sendFile(file, (part) => {
    const percent = Math.round(100 * part);
    fill.style.width = `${percent}%`;
    bar.setAttribute("aria-valuenow", String(percent));
    step.textContent = percent === 100 ? say`checking` : `${percent} %`;
  });
  button.addEventListener("click", cancel);
  const done = await attempt(() => video);
  item.remove();
  return done;
}
const uploadChosen = () => { uploadAll(byId("file").files); byId("file").value = ""; };
byId("file").addEventListener("change", uploadChosen);
const early = takeOver();
if (early.length) uploadAll(early);

const carries = (event) => event.dataTransfer?.types.includes("Files");
let inside = 0;
addEventListener("dragenter", (event) => { if (carries(event)) { inside += 1; byId("curtain").hidden = false; } });
addEventListener("dragleave", (event) => { if (carries(event) && --inside <= 0) { inside = 0; byId("curtain").hidden = true; } });
addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!carries(event)) return;
  const taken = event.defaultPrevented; // a picture that was dropped on a question
  event.preventDefault();
  inside = 0;
  byId("curtain").hidden = true;
  if (taken) return;
  if (byId("videos-view").hidden) visit({});
  uploadAll(event.dataTransfer.files);
});
