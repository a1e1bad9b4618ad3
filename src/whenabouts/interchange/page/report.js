/* The report: what was found in one video, all of it inside the page. */

import { answer } from "./answers.js";
import { byId, make } from "./elements.js";
import { setKinds } from "./kinds.js";
import { video, follow, setMedia } from "./video.js";
import { lane, legend, ruler, strip, swatch } from "./timeline.js";
import { clock, many } from "./words.js";
import { say, translate } from "./language.js";

const page = JSON.parse(byId("data").textContent);
setKinds(page.kinds);
setMedia({ duration: page.duration, frame: page.frame, source: page.source, labels: page.labels });

document.title = `${page.title} · whenabouts`;
byId("title").textContent = page.title;
const facts = [clock(page.duration), many(page.queries.length, "query", "queries")];
byId("facts").textContent = (page.title === page.file ? facts : [page.file, ...facts]).join(" · ");
function tell(text) { byId("note").textContent = translate(text); byId("note").hidden = !text; }
tell(page.note || "");
if (page.source) video.src = page.source;
else document.body.classList.add("videoless");
byId("mute").hidden = !page.sound;
video.addEventListener("error", () => tell(`The video cannot be played: is ${page.file} still beside this page?`));

byId("rows").prepend(ruler(), strip(page.strip), ...page.queries.map(lane));
byId("legend").append(...legend(page.queries).map(swatch));
byId("list").append(...page.queries.map(answer));

const receipt = page.predictions.length ? page.predictions[0].receipt : null;
if (receipt) {
  const rows = [["whenabouts", receipt.version], ["grounder", receipt.grounder], ["video sha256", receipt.video_sha256],
    ...Object.entries(receipt.models).map(([name, hash]) => [`${name} sha256`, hash]),
    ...Object.entries(receipt.settings).map(([name, value]) => [name, JSON.stringify(value)])];
  for (const [name, value] of rows) byId("receipt").append(make("dt", { textContent: name }), make("dd", { textContent: String(value) }));
}
const json = () => JSON.stringify(page.predictions, null, 2);
byId("download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([json()], { type: "application/json" }));
  make("a", { href: address, download: "predictions.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
byId("copy").hidden = !navigator.clipboard;
byId("copy").addEventListener("click", async () => {
  const done = await navigator.clipboard.writeText(json()).then(() => true, () => false);
  byId("copy").textContent = done ? say`Copied` : say`The browser does not allow it`;
});
follow();
