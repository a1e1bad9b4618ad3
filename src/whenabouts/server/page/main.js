/* The page: the address decides which view is shown. */

import { address } from "./address.js";
import { get } from "./api.js";
import { leaveBatch, showBatch } from "./batch.js";
import { showUser } from "./login.js";
import { initLive, leaveLive, showLive } from "./live_view.js";
import { showNotice } from "./notice.js";
import { answering } from "./reach.js";
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
  for (const each of ["videos-view", "search-view", "batch-view", "live-view", "video-view"]) byId(each).hidden = each !== name;
  for (const each of ["heading", "export"]) byId(each).hidden = name !== "video-view";
  if (name !== "video-view") closeVideo();
  if (name !== "live-view") leaveLive();
  if (name !== "batch-view") leaveBatch();
  if (changed) { scrollTo(0, 0); byId(focus)?.focus({ preventScroll: true }); }
}

async function route() {
  showNotice("");
  const { video, t, q, search: query, like, batch, live } = address();
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
  } else if (batch) {
    showView("batch-view", "batch-title");
    showBatch(batch);
  } else if (live) {
    showView("live-view", "live-title");
    showLive();
  } else {
    showView("videos-view");
    showVideos();
  }
}

/* What this server offers, once it answers; null where it refuses. */
async function askServer() {
  for (;;) {
    try {
      return await get("/api/about");
    } catch ({ message, status }) {
      showNotice(message);
      if (status) return null;
    }
    await answering();
  }
}

bind(["/"], "go to the query", { "/": () => (view === "video-view" ? byId("queries") : byId("sought")).focus() });
const about = await askServer();
if (about) {
  showUser(about.user);
  initVideos(about);
  init(about);
  initLive(about);
  addEventListener("hashchange", route);
  route();
}
