/* Search by example: a picture that is chosen, pasted or dropped on the question, the frame at the playhead, or a moment. */

import { address, link, visit } from "./address.js";
import { at, sendPicture } from "./api.js";
import { glyph } from "./glyphs.js";
import { announce, attempt } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { clock, range } from "./shared/words.js";
import { shownFrame, shownTime, startOf } from "./shared/video.js";
import { say } from "./shared/language.js";

const chip = byId("example");
let chosen = null; // {like, picture, words}: waits in the form until the question is sent
let open = () => null, everywhere = false;

/* `video` gives the id of the open video; `onLike` gets an example that is to be sought at once. */
let seek = () => {};
export function initExample(about, video, onLike) {
  [open, seek, everywhere] = [video, onLike, about.library];
  byId("by-picture").hidden = byId("sought-picture").hidden = !about.uploads;
  byId("sought-picture").append(glyph("picture"));
  chip.querySelector("button").append(glyph("close"));
}
export const waitingExample = () => chosen?.like ?? null;

/* The address of the picture of an example: of an uploaded one, of a frame, or of the middle of a moment. */
export function examplePicture(like, video) {
  const uploaded = like.match(/^picture:([0-9a-f]{64})$/);
  if (uploaded) return at(`/api/pictures/${uploaded[1]}`);
  const [, of, start, end] = like.match(/^(.*)@([\d.]+)(?:-([\d.]+))?$/) ?? [];
  if (start === undefined) return null;
  const time = end === undefined ? Number(start) : (Number(start) + Number(end)) / 2;
  return at(`/api/videos/${of || video}/picture?${new URLSearchParams({ t: time.toFixed(3), height: 126 })}`);
}

export function setExample(next) {
  chosen = next;
  chip.hidden = !next;
  if (!next) return;
  chip.querySelector("img").src = next.picture;
  chip.querySelector("span").textContent = next.words;
  const all = chip.querySelector("a"), like = next.like.startsWith("@") ? `${open()}${next.like}` : next.like;
  all.hidden = !everywhere;
  all.href = link({ like });
  announce(say`Example: ${next.words}. Add words, or press Find.`);
}
chip.querySelector("a").addEventListener("click", (event) => { // with the words that were written meanwhile
  const words = byId("queries").value.split("\n")[0].trim();
  event.currentTarget.href = link({ ...Object.fromEntries(new URLSearchParams(new URL(event.currentTarget.href).hash.slice(1))), search: words });
});
chip.querySelector("button").addEventListener("click", () => { setExample(null); byId("queries").focus(); });

byId("this-frame").addEventListener("click", () => {
  const time = shownTime(), like = `@${startOf(shownFrame(time) + 0.5).toFixed(3)}`; // its middle, where rounding tells no other
  setExample({ like, picture: examplePicture(like, open()), words: say`the frame at ${clock(time)}` });
  byId("queries").focus();
});

/* A button for every moment of an answer. */
export function addMore(article, query) {
  article.querySelectorAll("ol > li").forEach((item, number) => {
    const moment = query.moments[number];
    const button = make("button", { className: "more-like", type: "button", textContent: say`More like this`, ariaLabel: say`More like this: ${range(moment)}` });
    button.addEventListener("click", () => seek(`@${moment.start.toFixed(3)}-${moment.end.toFixed(3)}`));
    item.append(button);
  });
}

/* Pictures: to the server first, which names them by their hash. */

const pictureIn = (files) => [...(files ?? [])].find(({ type }) => type.startsWith("image/"));
async function upload(file) {
  const sent = await attempt(() => sendPicture(file));
  return sent && { like: sent.like, picture: at(sent.picture), words: file.name || say`a picture` };
}
async function ask(file) {
  const { video } = address(), next = await upload(file); // which may still be opening
  if (!next || address().video !== video) return;
  setExample(next);
  byId("queries").focus();
}
async function searchAll(file) {
  const next = await upload(file);
  if (next) visit({ search: byId("sought").value.trim(), like: next.like });
}

for (const [form, field, take] of [["ask", "queries", ask], ["finder", "sought", searchAll]]) {
  byId(field).addEventListener("paste", (event) => {
    const picture = pictureIn(event.clipboardData?.files);
    if (picture) { event.preventDefault(); take(picture); }
  });
  byId(form).addEventListener("drop", (event) => {
    const picture = pictureIn(event.dataTransfer?.files);
    if (picture) { event.preventDefault(); take(picture); }
  });
}
let taking = ask; // what becomes of the picture that is chosen
for (const [button, take] of [["by-picture", ask], ["sought-picture", searchAll]])
  byId(button).addEventListener("click", () => { taking = take; byId("picture-file").click(); });
byId("picture-file").addEventListener("change", () => {
  const [picture] = byId("picture-file").files;
  if (picture) taking(picture);
  byId("picture-file").value = "";
});
