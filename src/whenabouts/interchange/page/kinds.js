/* Kinds of evidence, as the server or the report lists them: a name, a label for people, and a colour by position. */

import { translate } from "./language.js";

const COLOURS = 6; // in base.css
const known = new Map(); // name → {label, style}

export function setKinds(kinds) {
  kinds.forEach(({ name, label }, number) => known.set(name, { label: translate(label), style: `kind-${number % COLOURS}` }));
}
export const kindLabel = (name) => known.get(name)?.label ?? name;
export const kindStyle = (name) => known.get(name)?.style ?? "kind-none";

/* The class of a moment, by what it was found by; one that a person marked has no evidence. */
export const momentStyle = (moment) => kindStyle(moment.evidence[0]?.kind);

/* The kinds among these names, in the order of the list, each as [class, label]. */
export const kindEntries = (names) => [...known].filter(([name]) => names.has(name)).map(([, { label, style }]) => [style, label]);
