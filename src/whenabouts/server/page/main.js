/* The page: the address decides which view is shown. */

import { address } from "./address.js";
import { get } from "./api.js";
import { initLive, leaveLive, showLive } from "./live_view.js";
import { attempt, showNotice } from "./notice.js";
import { search } from "./search.js";
import { closeVideo, init, openVideo } from "./video_view.js";
import { initVideos, showVideos } from "./videos_view.js";
import "./shared/theme.js";
import "./shared/transport.js";
import { byId } from "./shared/elements.js";
import { bind } from "./shared/keys.js";

let view = null;

function showView(name, focus) {
  const changed = view !== name;
  view = name;
  document.body.dataset.view = name;
  for (const each of ["videos-view", "search-view", "live-view", "video-view"]) byId(each).hidden = each !== name;
  for (const each of ["heading", "export"]) byId(each).hidden = name !== "video-view";
  if (name !== "video-view") closeVideo();
  if (name !== "live-view") leaveLive();
  if (changed) { scrollTo(0, 0); byId(focus)?.focus({ preventScroll: true }); }
}

async function route() {
  showNotice("");
  const { video, t, q, search: query, like, live } = address();
  if (video) {
    showView("video-view", "title");
    const time = Number.parseFloat(t);
    await openVideo(video, Number.isFinite(time) ? time : null, q ?? null).catch(({ message }) => {
      history.replaceState(null, "", "#");
      route();
      showNotice(message);
    });
  } else if (query || like) {
    showView("search-view", "search-title");
    search(query ?? "", like ?? "");
  } else if (live) {
    showView("live-view", "live-title");
    showLive();
  } else {
    showView("videos-view");
    showVideos();
  }
}

bind(["/"], "go to the query", { "/": () => (view === "video-view" ? byId("queries") : byId("sought")).focus() });
const about = await attempt(() => get("/api/about"));
if (about) {
  initVideos(about);
  init(about);
  initLive(about);
  addEventListener("hashchange", route);
  route();
}
