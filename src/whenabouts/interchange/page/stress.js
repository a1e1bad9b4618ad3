/* The page of a stress test. Flaws come first, in words; what could not be looked at stands beside them. */

import { byId, make } from "./elements.js";
import { curveOf } from "./curve.js";
import { say, translate } from "./language.js";

const page = JSON.parse(byId("data").textContent);

const named = (name, text) => [make("dt", { textContent: translate(name) }), make("dd", { textContent: translate(text) })];
const number = (value) => (value === null || value === undefined ? "–" : Number.isInteger(value) ? String(value) : value.toFixed(3));

byId("title").textContent = say`Stress test of ${page.model}`;
document.title = `${byId("title").textContent} · whenabouts`;
byId("facts").textContent = translate(page.facts);
byId("found").textContent = translate(page.found);
byId("flaws").append(...page.flaws.flatMap(({ name, sentence }) => named(name, sentence)));

const unseen = Object.entries(page.passed_over);
byId("unseen").hidden = !unseen.length;
byId("unseen").querySelector("dl").append(...unseen.flatMap(([name, why]) => named(name, why)));
byId("notes").hidden = !page.notes.length;
byId("notes").querySelector("ul").append(...page.notes.map((note) => make("li", { textContent: translate(note) })));

function table(head, rows) {
  const line = (cells, name) => make("tr", {}, ...cells.map((cell, i) => {
    const made = make(i ? name : "th", { textContent: cell });
    made.scope = i && name === "th" ? "col" : "row";
    return made;
  }));
  return make("table", {}, make("thead", {}, line(head, "th")), make("tbody", {}, ...rows.map((row) => line(row, "td"))));
}

for (const finding of page.findings) {
  const head = [translate("figure"), ...finding.columns.map(translate)];
  const rows = finding.table.map(([name, ...values]) => [translate(name), ...values.map(number)]);
  const section = make("section", { className: "finding card" }, make("h2", { textContent: translate(finding.probe) }));
  section.setAttribute("aria-label", translate(finding.probe));
  if (rows.length) section.append(table(head, rows));
  for (const [name, curve] of Object.entries(finding.curves))
    section.append(make("figure", {}, make("figcaption", { textContent: translate(name) }), curveOf(name, curve)));
  if (finding.notes.length) section.append(make("ul", {}, ...finding.notes.map((note) => make("li", { textContent: translate(note) }))));
  if (finding.rows.length) {
    const names = [...new Set(finding.rows.flatMap(Object.keys))], cell = (value) => (typeof value === "string" ? value : number(value));
    const each = table(names.map(translate), finding.rows.map((row) => names.map((name) => cell(row[name]))));
    section.append(make("details", {}, make("summary", { textContent: say`Query by query` }), each));
  }
  byId("findings").append(section);
}

for (const [name, value] of Object.entries({ ...page.receipt, model: page.model, ...page.settings }))
  byId("receipt").append(make("dt", { textContent: name }), make("dd", { textContent: typeof value === "string" ? value : JSON.stringify(value) }));

const windows = (truth) => (truth === null ? say`unknown` : truth.map(([start, end]) => `${start.toFixed(1)}–${end.toFixed(1)} s`).join(", ") || say`does not happen`);
byId("cases").replaceWith(table([say`video`, say`query`, say`truth`], page.cases.map((one) => [one.video, one.query, windows(one.truth)])));
byId("download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([JSON.stringify(page.report, null, 2)], { type: "application/json" }));
  make("a", { href: address, download: "stress.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});
