/* The page: which view is on show, by the address. */

import { address } from "./address.js";
import { get } from "./api.js";
import { furnish, lay, leave } from "./desk.js";
import { attempt, tell } from "./notice.js";
import { search } from "./search.js";
import { browse, shelve } from "./shelf.js";
import "./shared/theme.js";
import "./shared/transport.js";
import { at } from "./shared/elements.js";
import { bind } from "./shared/keys.js";

let view = null;

function turn(name, focus) {
  const changed = view !== name;
  view = name;
  document.body.dataset.view = name;
  for (const each of ["shelf", "search", "desk"]) at(each).hidden = each !== name;
  for (const each of ["heading", "export"]) at(each).hidden = name !== "desk";
  if (name !== "desk") leave();
  if (changed) { scrollTo(0, 0); at(focus)?.focus({ preventScroll: true }); }
}

async function route() {
  tell("");
  const { video, t, q, search: query } = address();
  if (video) {
    turn("desk", "title");
    const time = Number.parseFloat(t);
    await lay(video, Number.isFinite(time) ? time : null, q ?? null).catch(({ message }) => {
      history.replaceState(null, "", "#");
      route();
      tell(message);
    });
  } else if (query) {
    turn("search", "search-title");
    search(query);
  } else {
    turn("shelf");
    browse();
  }
}

bind(["/"], "ask", { "/": () => (view === "desk" ? at("queries") : at("sought")).focus() });
const about = await attempt(() => get("/api/about"));
if (about) {
  shelve(about);
  furnish(about);
  addEventListener("hashchange", route);
  route();
}
