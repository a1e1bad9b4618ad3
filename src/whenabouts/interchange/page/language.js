/* Words in the reader's language, looked up by their English, which stays where there is no translation. The report holds
 * its texts; the page of the server loads them. The search for the message of a sentence is that of language/catalogue.py. */

import { byId } from "./elements.js";

const PLACE = /\{(\d+)\}/, MAX_SENTENCE = 4000, MAX_NESTING = 3, MIN_TELLING = 12;
let dictionary = new Map(), messages = [];

/* Use a catalogue: {language, texts}. */
export function setLanguage(code, { texts }) {
  document.documentElement.lang = code;
  dictionary = new Map(Object.entries(texts).filter(([, text]) => text));
  messages = [...dictionary].filter(([english]) => PLACE.test(english)).map(([english, text]) => {
    const pieces = english.split(PLACE).filter((_, i) => i % 2 === 0), fixed = pieces.join("").length;
    return { pieces, text, fixed, telling: fixed >= MIN_TELLING || pieces.slice(1).some((piece) => piece.startsWith(", ")) };
  }).sort((a, b) => b.fixed - a.fixed);
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

/* A sentence that came from elsewhere, such as an error of the server. */
export const translate = (sentence) => findMessage(sentence, MAX_NESTING) ?? sentence;

function findMessage(sentence, depth) {
  if (dictionary.has(sentence)) return dictionary.get(sentence);
  if (!depth || !dictionary.size || sentence.length > MAX_SENTENCE) return null;
  const found = fitting(sentence, depth) ?? afterColon(sentence, depth);
  const small = sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
  return found || small === sentence ? found : findMessage(small, depth);
}
const inside = (value, depth) => (value.includes(" ") ? findMessage(value, depth) : null) ?? value;

function fitting(sentence, depth) {
  const found = new Set();
  let fixed = 0;
  for (const message of messages) {
    if (found.size && message.fixed < fixed) break;
    if (depth < MAX_NESTING && !message.telling) continue;
    const values = valuesIn(sentence, message.pieces);
    if (!values) continue;
    fixed = message.fixed;
    found.add(fill(message.text, values.map((value) => inside(value, depth - 1))));
  }
  return found.size === 1 ? [...found][0] : null;
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
function afterColon(sentence, depth) {
  for (let at = sentence.indexOf(": "); at >= 0; at = sentence.indexOf(": ", at + 1)) {
    const found = findMessage(sentence.slice(at + 2), depth - 1);
    if (found) return `${inside(sentence.slice(0, at), depth - 1)}: ${found}`;
  }
  return null;
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
