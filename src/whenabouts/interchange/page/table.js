/* A table whose rows are put in order by a column. Cells are text as it is read; numbers stand to the right. */

import { make } from "./elements.js";
import { say, translate, unbroken } from "./language.js";

const SHORT = 18; // characters that stay in one line
const kind = (text, right) => (right ? "number" : text.length > SHORT ? "words" : "short");
const plain = (cell) => Number(cell.replace(/[,%<\s]/g, "").replace("−", "-"));
const compare = (right) => (one, other) => {
  if (!right) return one.localeCompare(other, undefined, { numeric: true });
  const [a, b] = [plain(one), plain(other)];
  return Number.isNaN(a) || Number.isNaN(b) ? Number.isNaN(a) - Number.isNaN(b) : a - b;
};

/* {columns, right, rows, all} as an element that scrolls by itself; `name` is what it is about. */
export function tableOf({ columns, right, rows, all }, name) {
  const body = make("tbody"), heads = [];
  for (const row of rows) body.append(make("tr", {}, ...row.map((text, i) => {
    const words = unbroken(translate(text)), cell = make(i ? "td" : "th", { textContent: words, className: kind(words, right[i]) });
    if (!i) cell.scope = "row";
    return cell;
  })));
  const lines = [...body.rows];
  function order(column) {
    const down = heads[column].ariaSort === "ascending", sign = down ? -1 : 1, compared = compare(right[column]);
    const known = (line) => line.cells[column].textContent !== "–";
    lines.sort((a, b) => known(b) - known(a) || sign * compared(a.cells[column].textContent, b.cells[column].textContent));
    heads.forEach((head, i) => { head.ariaSort = i === column ? (down ? "descending" : "ascending") : null; });
    body.append(...lines);
  }
  heads.push(...columns.map((text, i) => {
    const words = translate(text), head = make("th", { scope: "col", className: right[i] ? "number" : "" });
    if (rows.length > 1 && words) head.append(make("button", { type: "button", textContent: words, onclick: () => order(i) }));
    else head.textContent = words;
    return head;
  }));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body);
  table.setAttribute("aria-label", name);
  const around = make("div", { className: "table", tabIndex: 0, role: "group", ariaLabel: name }, table);
  if (rows.length < all) around.append(make("p", { className: "soft", textContent: say`${rows.length} of ${all} rows are shown` }));
  return around;
}
