/* The address after #: which video, at which time; which folder; what was searched. It survives a reload. */

export const address = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
export const link = (fields) => `#${new URLSearchParams(fields)}`;
export function visit(fields) { location.hash = link(fields); }

/* Note a change of place within the view, without a step in the history. */
export function note(fields) {
  const next = link({ ...address(), ...fields });
  if (next !== location.hash) history.replaceState(null, "", next);
}
