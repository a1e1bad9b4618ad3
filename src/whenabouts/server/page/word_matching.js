/* Where words stand in lines of text, by the rule of server/transcript.py: capitals, punctuation and the width of letters do
 * not matter, a word may go on, and a phrase may go on in the next line of its kind. */

const CLUSTERS = /[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|\P{M}\p{M}*|\p{M}+/gu; // what is composed is looked at as a whole
const LETTER = "[\\p{L}\\p{N}_]", KEPT = /[\p{L}\p{N}_']/u;

const small = (char) => (char === "ı" ? char : char.toUpperCase().toLowerCase()); // ß is ss
const fold = (cluster) => [...cluster.normalize("NFKC").replaceAll("’", "'")].map(small).join("").replace("i\u0307", "i");

/* {text, from, to}: letters and digits in small letters with single spaces, and where in the line each of them stands. */
function plain(line) {
  let text = "";
  const from = [], to = [];
  const add = (char, start, end) => {
    if (!KEPT.test(char)) { if (!text || text.endsWith(" ")) return; char = " "; }
    text += char;
    for (let unit = 0; unit < char.length; unit += 1) { from.push(start); to.push(end); }
  };
  if (/^[\0-\x7f]*$/.test(line)) for (let at = 0; at < line.length; at += 1) add(line[at].toLowerCase(), at, at + 1);
  else for (const { 0: cluster, index } of line.matchAll(CLUSTERS)) for (const char of fold(cluster)) add(char, index, index + cluster.length);
  return { text: text.trimEnd(), from, to };
}
export const wordsOf = (text) => plain(text).text.split(" ").filter(Boolean);

/* A word at its beginning; scripts that are written without spaces have it anywhere. */
const begins = (word) => (/^[\0-\x7f]/.test(word) ? `(?<!${LETTER})${word}` : word);

/* All matches, each as parts [line, first character, last] of one line or of several. Where no lines have the words in their
 * order, those that have all of them in any. */
export function matching(lines, words) {
  for (const line of lines) line.plain ??= plain(line.text.data);
  const patterns = words.map(begins), found = [];
  for (const kind of new Set(lines.map((line) => line.kind))) // what is said does not go on in what is written
    found.push(...across(lines.filter((line) => line.kind === kind), new RegExp(patterns.join(`${LETTER}*\\s+`), "gu")));
  if (!found.length && words.length > 1) return inAnyOrder(lines, patterns.map((pattern) => new RegExp(pattern, "u")));
  const order = new Map(lines.map((line, number) => [line, number]));
  return found.sort(([[a, from]], [[b, other]]) => order.get(a) - order.get(b) || from - other);
}

function across(lines, phrase) {
  const starts = [0];
  for (const { plain: { text } } of lines) starts.push(starts.at(-1) + text.length + 1);
  let number = 0; // of the line in which a match begins
  return [...lines.map(({ plain: { text } }) => text).join(" ").matchAll(phrase)].map(({ 0: words, index }) => {
    while (starts[number + 1] <= index) number += 1;
    const parts = [], end = index + words.length;
    for (let each = number; each < lines.length && starts[each] < end; each += 1)
      if (lines[each].plain.text) parts.push(part(lines[each], Math.max(0, index - starts[each]), Math.min(lines[each].plain.text.length, end - starts[each])));
    return parts;
  });
}
const part = (line, first, end) => [line, line.plain.from[first], line.plain.to[end - 1]];

function inAnyOrder(lines, patterns) {
  const all = lines.filter(({ plain: { text } }) => patterns.every((pattern) => pattern.test(text)));
  return all.map((line) => patterns.map((pattern) => {
    const { 0: word, index } = line.plain.text.match(pattern);
    return part(line, index, index + word.length);
  }));
}
