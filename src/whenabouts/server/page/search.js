/* Searching the library: the best moments of all indexed films, each a picture that leads to its film and time. */

import { link, visit } from "./address.js";
import { post } from "./api.js";
import { attempt, say } from "./notice.js";
import { at, make } from "./shared/elements.js";
import { many, range, score } from "./shared/words.js";

const TOP = 24;
const found = new Map(); // film id → {query, moments}: what the last search found in it

export const foundIn = (film) => found.get(film);

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
  for (const { film, moment } of hits) {
    if (!film) continue;
    if (!found.has(film)) found.set(film, { query, moments: [] });
    found.get(film).moments.push(moment);
  }
  const films = new Set(hits.map(({ film, name }) => film ?? name)).size;
  const words = hits.length ? `${many(hits.length, "moment", "moments")} in ${many(films, "film", "films")}` : "Nothing found in the indexed films";
  at("search-facts").textContent = told ? words : "";
  say(words);
  at("hits").append(...hits.map((hit) => hitCard(hit, query)));
}

function hitCard({ film, name, moment, picture }, query) {
  const evidence = moment.evidence.find(({ text }) => text) ?? moment.evidence[0] ?? { kind: "seen" };
  const parts = [
    picture ? make("img", { src: picture, alt: "", loading: "lazy" }) : make("span", { className: "blank" }),
    make("b", { textContent: name, title: name }),
    make("span", { className: "when" }, range(moment), make("span", { className: "score", textContent: score(moment) })),
    make("span", { className: `why ${evidence.kind}` }, make("b", { textContent: evidence.kind }), evidence.text ? ` “${evidence.text}”` : ""),
  ];
  const card = film ? make("a", { className: "hit", href: link({ film, t: moment.start.toFixed(2), q: query }) }, ...parts) : make("div", { className: "hit" }, ...parts);
  return make("li", {}, card);
}
