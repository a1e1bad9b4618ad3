/* The address after #: the video and its time, the folder, or the search. It survives a reload. */

export const address = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
export const link = (fields) => `#${new URLSearchParams(fields)}`;
export function visit(fields) { location.hash = link(fields); }

/* Change fields of the address without adding a step to the history. */
export function updateAddress(fields) {
  const next = link({ ...address(), ...fields });
  if (next !== location.hash) history.replaceState(null, "", next);
}
