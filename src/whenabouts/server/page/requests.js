/* A request for what the view needs: sent once the view rests, given up as soon as the view needs another. */

import { at } from "./api.js";
import { reportLost } from "./reach.js";

const REST = 150; // milliseconds

/* `address` gives the path of what is missing, null where nothing is; `use` takes the answer, and returns whether more is
 * to be asked for at once. Returns a function to be called at each change of the view. */
export function viewRequest(address, use) {
  let timer = null, running = null; // {path, controller}
  async function send(path) {
    const controller = new AbortController(), { signal } = controller;
    running = { path, controller };
    try {
      const response = await fetch(at(path), { signal });
      const more = response.ok && use(await response.json(), path);
      if (running?.controller !== controller) return;
      running = null;
      if (more) renew();
    } catch {
      if (running?.controller !== controller) return; // given up
      running = null;
      reportLost(); // once the server answers, it is asked again
    }
  }
  document.addEventListener("answering", renew);
  function renew() {
    const path = address();
    if (path && path === running?.path) return;
    running?.controller.abort();
    running = null;
    clearTimeout(timer);
    if (path) timer = setTimeout(() => send(address() ?? path), REST);
  }
  return renew;
}
