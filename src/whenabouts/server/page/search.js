/* Searching the library: the best moments of all indexed videos, each a picture that leads to its video and time. */

import { link, visit } from "./address.js";
import { post } from "./api.js";
import { attempt, say } from "./notice.js";
import { at, make } from "./shared/elements.js";
import { many, range, score } from "./shared/words.js";

const TOP = 24;
const found = new Map(); // video id → {query, moments}: what the last search found in it

export const foundIn = (video) => found.get(video);

at("finder").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = at("sought").value.trim();
  if (query) visit({ search: query });
});
at("sought").addEventListener("keydown", (event) => { if (event.key === "Escape") at("sought").blur(); });

export async function search(query) {
  document.title = `${query} · whenabouts`;
  at("sought").value = query;
  at("search-title").textContent = query;
  at("search-facts").textContent = "Searching";
  at("hits").replaceChildren();
  const told = await attempt(() => post("/api/search", { query, top: TOP }));
  if (at("search-title").textContent !== query) return;
  const hits = told?.hits ?? [];
  found.clear();
  for (const { video, moment } of hits) {
    if (!video) continue;
    if (!found.has(video)) found.set(video, { query, moments: [] });
    found.get(video).moments.push(moment);
  }
  const videos = new Set(hits.map(({ video, name }) => video ?? name)).size;
  const words = hits.length ? `${many(hits.length, "moment", "moments")} in ${many(videos, "video", "videos")}` : "Nothing found in the indexed videos";
  at("search-facts").textContent = told ? words : "";
  say(words);
  at("hits").append(...hits.map((hit) => hitCard(hit, query)));
}

function hitCard({ video, name, moment, picture }, query) {
  const evidence = moment.evidence.find(({ text }) => text) ?? moment.evidence[0] ?? { kind: "seen" };
  const parts = [
    picture ? make("img", { src: picture, alt: "", loading: "lazy" }) : make("span", { className: "blank" }),
    make("b", { textContent: name, title: name }),
    make("span", { className: "when" }, range(moment), make("span", { className: "score", textContent: score(moment) })),
    make("span", { className: `why ${evidence.kind}` }, make("b", { textContent: evidence.kind }), evidence.text ? ` “${evidence.text}”` : ""),
  ];
  const card = video ? make("a", { className: "hit", href: link({ video, t: moment.start.toFixed(2), q: query }) }, ...parts) : make("div", { className: "hit" }, ...parts);
  return make("li", {}, card);
}
