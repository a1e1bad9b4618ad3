/* Whether the server answers: once a request did not reach it, it is asked until it does, and the page is told. */

const PROBE_INTERVAL = 1000; // milliseconds
const GATEWAY = [502, 504]; // what a proxy says of a server that does not answer
let lost = false;

export const UNREACHABLE = "The server does not answer. Is it still running?";
export const isGateway = (status) => GATEWAY.includes(status);

export function reportLost() {
  if (lost) return;
  lost = true;
  setTimeout(probe, PROBE_INTERVAL);
}
async function probe() {
  const response = await fetch("api/health", { cache: "no-store" }).catch(() => null);
  if (!response || isGateway(response.status)) return setTimeout(probe, PROBE_INTERVAL);
  lost = false;
  document.dispatchEvent(new CustomEvent("answering"));
}

/* Resolves once the server answers again; at once where it does. */
export const answering = () => (lost ? new Promise((resolve) => document.addEventListener("answering", resolve, { once: true })) : Promise.resolve());
