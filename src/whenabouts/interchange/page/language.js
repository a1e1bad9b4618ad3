/* Words in the reader's language, looked up by their English, which stays where there is no translation. The report holds
 * its texts; the page of the server loads them. The search for the message of a sentence is that of language/catalogue.py. */

import { byId } from "./elements.js";

const PLACE = /\{(\d+)\}/, MAX_SENTENCE = 4000, MAX_NESTING = 3, MIN_TELLING = 12, MAX_COLONS = 4;
let dictionary = new Map(), messages = [];

/* Use a catalogue: {language, texts}. */
export function setLanguage(code, { texts }) {
  document.documentElement.lang = code;
  dictionary = new Map(Object.entries(texts).filter(([, text]) => text));
  messages = [...dictionary].filter(([english]) => PLACE.test(english)).map(([english, text]) => {
    const pieces = english.split(PLACE).filter((_, i) => i % 2 === 0), fixed = pieces.join("").length;
    return { pieces, text, fixed, telling: fixed >= MIN_TELLING || pieces.slice(1).some((piece) => piece.startsWith(", ")) };
  });
}

/* The code among `codes` that the reader prefers; English if there is none. */
export function preferred(codes) {
  for (const wanted of navigator.languages ?? []) {
    const found = [wanted, wanted.split("-")[0]].find((code) => code === "en" || codes.includes(code));
    if (found) return found;
  }
  return "en";
}

const fill = (text, values) => text.replace(/\{(\d+)\}/g, (_, number) => values[number - 1]);

/* A tag of template literals: say`Delete ${name}`. */
export function say(pieces, ...values) {
  const english = pieces.reduce((text, piece, i) => `${text}{${i}}${piece}`);
  return fill(dictionary.get(english) ?? english, values);
}

/* A text in whose lines no number is parted from its unit. */
export const unbroken = (text) => text.replace(/(\d) (s|h|min|%)(?![\p{L}\d])/gu, "$1\u00a0$2");

/* A sentence that came from elsewhere, such as an error of the server. */
export const translate = (sentence) => findMessage(sentence, MAX_NESTING)?.text ?? sentence;

/* {text, fixed}: the translation, and how much of the sentence is fixed text of messages. */
function findMessage(sentence, depth) {
  if (dictionary.has(sentence)) return { text: dictionary.get(sentence), fixed: sentence.length };
  if (depth <= 0 || !dictionary.size || sentence.length > MAX_SENTENCE) return null;
  const found = [...fitting(sentence, depth, true), ...afterColon(sentence, depth)];
  if (!found.length && depth === MAX_NESTING) found.push(...fitting(sentence, depth, false));
  const different = new Map(found.map((one) => [`${one.fixed} ${one.text}`, one]));
  const [best, second] = [...different.values()].sort((a, b) => b.fixed - a.fixed);
  if (best) return best.fixed === second?.fixed ? null : best;
  const small = sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
  return small === sentence ? null : findMessage(small, depth);
}
const inside = (value, depth) => (value.includes(" ") ? findMessage(value, depth) : null) ?? { text: value, fixed: 0 };

function* fitting(sentence, depth, telling) {
  for (const message of messages) {
    const values = message.telling === telling ? valuesIn(sentence, message.pieces) : null;
    if (!values) continue;
    const parts = values.map((value) => inside(value, depth - 1));
    yield { text: fill(message.text, parts.map(({ text }) => text)), fixed: parts.reduce((sum, { fixed }) => sum + fixed, message.fixed) };
  }
}
function* afterColon(sentence, depth) {
  let colons = 0;
  for (let at = sentence.indexOf(": "); at >= 0 && colons < MAX_COLONS; at = sentence.indexOf(": ", at + 1), colons += 1) {
    const found = findMessage(sentence.slice(at + 2), depth - 1), head = found && inside(sentence.slice(0, at), depth - 1);
    if (found) yield { text: `${head.text}: ${found.text}`, fixed: head.fixed + found.fixed };
  }
}
function valuesIn(sentence, [first, ...others]) {
  const end = others.pop(), stop = sentence.length - end.length, values = [];
  if (!sentence.startsWith(first) || !sentence.endsWith(end) || stop < first.length) return null;
  let from = first.length;
  for (const piece of others) {
    const at = sentence.indexOf(piece, from);
    if (at < 0 || at + piece.length > stop) return null;
    values.push(sentence.slice(from, at));
    from = at + piece.length;
  }
  return [...values, sentence.slice(from, stop)];
}

/* Translate the texts and labels that stand in the page itself. */
export function translatePage() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.data.trim();
    if (text && !node.parentElement.closest("script, style, kbd")) node.data = node.data.replace(text, () => dictionary.get(text) ?? text);
  }
  for (const name of ["aria-label", "title", "placeholder"])
    for (const element of document.body.querySelectorAll(`[${name}]`)) {
      const text = element.getAttribute(name);
      if (dictionary.has(text)) element.setAttribute(name, dictionary.get(text));
    }
}

const embedded = byId("languages"); // of a report
if (embedded) {
  const known = JSON.parse(embedded.textContent), code = preferred(Object.keys(known));
  if (known[code]) { setLanguage(code, known[code]); translatePage(); }
}
