/* The search of the library: the best moments of all indexed videos, each linked to its video and time. */

import { link, visit } from "./address.js";
import { at, post } from "./api.js";
import { cutsOfHits } from "./handed.js";
import { attempt, announce } from "./notice.js";
import { byId, make } from "./shared/elements.js";
import { kindLabel, kindStyle } from "./shared/kinds.js";
import { many, range, score } from "./shared/words.js";
import { say } from "./shared/language.js";

const TOP = 24;
const found = new Map(); // video id → {query, moments}: what the last search found in it

export const hitsIn = (video) => found.get(video);

byId("finder").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = byId("sought").value.trim();
  if (query) visit({ search: query });
});
byId("sought").addEventListener("keydown", (event) => { if (event.key === "Escape") byId("sought").blur(); });

export async function search(query) {
  document.title = `${query} · whenabouts`;
  byId("sought").value = query;
  byId("search-title").textContent = query;
  byId("search-facts").textContent = say`Searching`;
  byId("hits").replaceChildren();
  const response = await attempt(() => post("/api/search", { query, top: TOP }));
  if (byId("search-title").textContent !== query) return;
  const hits = response?.hits ?? [];
  found.clear();
  for (const { video, moment } of hits) {
    if (!video) continue;
    if (!found.has(video)) found.set(video, { query, moments: [] });
    found.get(video).moments.push(moment);
  }
  const videos = new Set(hits.map(({ video, name }) => video ?? name)).size;
  const words = hits.length ? say`${many(hits.length, "moment", "moments")} in ${many(videos, "video", "videos")}` : say`Nothing found in the indexed videos`;
  byId("search-facts").textContent = response ? words : "";
  announce(words);
  cutsOfHits(query, found);
  byId("hits").append(...hits.map((hit) => hitCard(hit, query)));
}

function hitCard({ video, name, moment, picture }, query) {
  const evidence = moment.evidence.find(({ text }) => text) ?? moment.evidence[0];
  const parts = [
    picture ? make("img", { src: at(picture), alt: "", loading: "lazy" }) : make("span", { className: "blank" }),
    make("b", { textContent: name, title: name }),
    make("span", { className: "when" }, range(moment), make("span", { className: "score", textContent: score(moment) })),
    evidence ? make("span", { className: `why ${kindStyle(evidence.kind)}` }, make("b", { textContent: kindLabel(evidence.kind) }), evidence.text ? ` “${evidence.text}”` : "") : "",
  ];
  const card = video ? make("a", { className: "hit", href: link({ video, t: moment.start.toFixed(2), q: query }) }, ...parts) : make("div", { className: "hit" }, ...parts);
  return make("li", {}, card);
}
