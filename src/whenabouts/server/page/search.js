/* The search of the library: the best moments of all indexed videos, each linked to its video and time. */

import { link, visit } from "./address.js";
import { at, post } from "./api.js";
import { cutsOfHits } from "./handed.js";
import { examplePicture } from "./example.js";
import { attempt, announce } from "./notice.js";
import { byId, exampleOf, make } from "./shared/elements.js";
import { kindLabel, kindStyle } from "./shared/kinds.js";
import { many, range, score } from "./shared/words.js";
import { say, translate } from "./shared/language.js";

const TOP = 24;
const found = new Map(); // video id → {query, moments}: what the last search found in it

export const hitsIn = (video) => found.get(video);

byId("finder").addEventListener("submit", (event) => {
  event.preventDefault();
  const query = byId("sought").value.trim();
  if (query) visit({ search: query });
});
byId("sought").addEventListener("keydown", (event) => { if (event.key === "Escape") byId("sought").blur(); });

let shown = null; // what was searched last: an answer to anything before comes too late

export async function search(query, like = "") {
  const title = query || say`Like this`, key = JSON.stringify([query, like]);
  shown = key;
  document.title = `${title} · whenabouts`;
  byId("sought").value = query;
  const picture = like && examplePicture(like);
  byId("search-title").replaceChildren(...exampleOf({ example: picture }), title);
  byId("search-facts").textContent = say`Searching`;
  byId("search-facts").className = "";
  byId("search-notes").hidden = true;
  byId("hits").replaceChildren();
  const response = await attempt(() => post("/api/search", { top: TOP, ...(query && { query }), ...(like && { like }) }));
  if (shown !== key) return;
  const hits = response?.hits ?? [];
  found.clear();
  for (const { video, moment } of hits) {
    if (!video || !query || like) continue;
    if (!found.has(video)) found.set(video, { query, moments: [] });
    found.get(video).moments.push(moment);
  }
  const words = response ? verdict(response) : "";
  byId("search-facts").textContent = words;
  byId("search-facts").className = response?.absent && hits.length ? "verdict-absent" : "";
  byId("search-notes").textContent = (response?.notes ?? []).map((note) => translate(note)).join(" · ");
  byId("search-notes").hidden = !response?.notes.length;
  announce(words);
  cutsOfHits(query, found);
  byId("hits").append(...hits.map((hit) => hitCard(hit, query)));
}

function verdict({ hits, absent, videos }) {
  if (!hits.length) return say`Nothing found in the indexed videos`;
  const within = new Set(hits.map(({ video, name }) => video ?? name)).size;
  const listed = say`${many(hits.length, "moment", "moments")} in ${many(within, "video", "videos")}`;
  if (!absent) return listed;
  return videos === 1 ? say`Probably not in the indexed video. The nearest: ${listed}` : say`Probably in none of the ${videos} videos. The nearest: ${listed}`;
}

function hitCard({ video, name, moment, picture, unlikely }, query) {
  const evidence = moment.evidence.find(({ text }) => text) ?? moment.evidence[0];
  const parts = [
    picture ? make("img", { src: at(picture), alt: "", loading: "lazy" }) : make("span", { className: "blank" }),
    make("b", { textContent: name, title: name }),
    make("span", { className: "when" }, range(moment), make("span", { className: "score", textContent: score(moment) })),
    evidence ? make("span", { className: `why ${kindStyle(evidence.kind)}` }, make("b", { textContent: kindLabel(evidence.kind) }), evidence.text ? ` “${evidence.text}”` : "") : "",
  ];
  const className = unlikely ? "hit unlikely" : "hit";
  if (unlikely) parts.push(make("span", { className: "why", textContent: say`unlikely` }));
  const card = video ? make("a", { className, href: link({ video, t: moment.start.toFixed(2), q: query }) }, ...parts) : make("div", { className }, ...parts);
  const more = video ? make("a", { className: "more-like", href: link({ like: `${video}@${moment.start.toFixed(3)}-${moment.end.toFixed(3)}` }), textContent: say`More like this`, ariaLabel: say`More like this: ${name}, ${range(moment)}` }) : "";
  return make("li", {}, card, more);
}
