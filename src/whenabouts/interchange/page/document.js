/* The page of a report. Verdicts come first; details are folded; every chart has its values as a table too. */

import { byId, make } from "./elements.js";
import { say, translate, unbroken } from "./language.js";
import { tableOf } from "./table.js";

const MAX_LINKS = 12; // beyond which details are left out of the contents
const page = JSON.parse(byId("data").textContent), language = document.documentElement.lang, reader = new DOMParser();

const items = (sentences) => sentences.map((sentence) => make("li", { textContent: unbroken(translate(sentence)) }));
function listed(id, sentences) {
  byId(id).hidden = !sentences.length;
  byId(id).querySelector("ul").append(...items(sentences));
}

byId("title").textContent = translate(page.title);
document.title = `${byId("title").textContent} · whenabouts`;
byId("facts").textContent = translate(page.facts);
listed("verdicts", page.verdicts);
listed("notes", page.notes);

function figureOf({ title, pictures, missing, table }) {
  const name = translate(title), values = make("details", { open: Boolean(missing) }, make("summary", { textContent: say`Values` }));
  const fill = () => values.children.length > 1 || values.append(tableOf(table, name));
  values.addEventListener("toggle", fill);
  const figure = make("figure", {}, make("figcaption", { textContent: name }));
  if (missing) figure.append(make("p", { className: "soft", textContent: translate(missing) }));
  else figure.append(document.importNode(reader.parseFromString(pictures[language] ?? pictures.en, "image/svg+xml").documentElement, true));
  figure.append(values);
  return figure;
}

const anchors = new Set();
function anchorOf(title, number) {
  const words = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  const anchor = words && !anchors.has(words) && !byId(words) ? words : `section-${number + 1}`;
  anchors.add(anchor);
  return anchor;
}

page.sections.forEach(({ title, sentences, tables, charts, detail }, number) => {
  const name = translate(title), id = anchorOf(title, number);
  const section = make(detail ? "details" : "section", { id, className: "card", ariaLabel: name });
  const heading = make("h2", { textContent: name });
  section.append(detail ? make("summary", {}, heading) : heading);
  section.append(...sentences.map((sentence) => make("p", { textContent: unbroken(translate(sentence)) })));
  section.append(...tables.map((table) => tableOf(table, name)));
  if (charts.length) section.append(make("div", { className: "charts" }, ...charts.map(figureOf)));
  byId("sections").append(section);
  if (!detail || page.sections.length <= MAX_LINKS) byId("contents").querySelector("ol").append(make("li", {}, make("a", { href: `#${id}`, textContent: name })));
});
byId("contents").hidden = page.sections.length < 3;

/* A link to a detail opens it. */
function open() {
  const there = byId(decodeURIComponent(location.hash.slice(1)));
  if (there?.tagName === "DETAILS") there.open = true;
  there?.scrollIntoView();
}
addEventListener("hashchange", open);
open();

/* On paper everything is light. */
let theme;
addEventListener("beforeprint", () => { theme = document.documentElement.dataset.theme; document.documentElement.dataset.theme = "light"; });
addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });

document.querySelector("footer").hidden = !page.data;
byId("download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([JSON.stringify(page.data, null, 2)], { type: "application/json" }));
  make("a", { href: address, download: "report.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
