/* The server's API: JSON in and out; an error is one sentence. */

import { isGateway, reportLost, UNREACHABLE } from "./reach.js";

const SAME_WISH = 1000; // milliseconds within which the same job again is a second click
const SAME_TRY = 300_000; // within which it may be the one whose answer was lost

export class RequestError extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

/* An address of the server, relative to the page: a proxy may show both below a path. */
export const at = (path) => path.replace(/^\//, "");

/* What an answer says that is not what was asked for. */
export async function sentence(response) {
  const error = await response.json().then((body) => body.error, () => null);
  return error || `The server answered with status ${response.status}.`;
}

async function ask(method, path, body, { headers = {}, ...extra } = {}) {
  const options = { method, headers: { ...headers }, ...extra };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const send = () => fetch(at(path), options).catch(() => null);
  let response = await send();
  if (response?.status === 401) {
    const { logIn } = await import("./login.js");
    await logIn();
    response = await send();
  }
  if (!response || isGateway(response.status)) {
    reportLost();
    throw new RequestError(UNREACHABLE);
  }
  if (!response.ok) throw new RequestError(await sentence(response), response.status);
  return response;
}
const read = async (response) => (response.status === 204 ? null : response.json());

export const get = async (path) => read(await ask("GET", path));
export const post = async (path, body) => read(await ask("POST", path, body));
export const put = async (path, body, extra) => read(await ask("PUT", path, body, extra));
export const remove = async (path, extra) => read(await ask("DELETE", path, undefined, extra));

/* Start a job: sent twice, by a double click or because nobody heard the answer, it is one job. */
export function submit(path, body) {
  const content = `${path} ${JSON.stringify(body ?? null)}`;
  const sent = submitted.get(content) ?? { key: randomKey(), job: null, timer: null };
  submitted.set(content, sent);
  if (sent.job) return sent.job;
  const forget = (after) => { sent.timer = setTimeout(() => submitted.delete(content), after); };
  clearTimeout(sent.timer);
  sent.job = ask("POST", path, body, { headers: { "Idempotency-Key": sent.key } }).then(read);
  sent.job.then(() => forget(SAME_WISH), ({ status }) => { sent.job = null; forget(status ? 0 : SAME_TRY); });
  return sent.job;
}
const submitted = new Map(); // path and body → {key, job, timer}
const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/* Save the file that a request makes, under the name that the server gives it; what it cannot hold, in sentences. */
export async function download(path, body, fallback) {
  const response = await ask("POST", path, body);
  const header = response.headers.get("Content-Disposition") ?? "";
  const [, encoded] = header.match(/filename\*=(?:UTF-8|utf-8)''([^;]+)/) ?? [];
  const [, plain] = header.match(/filename="([^"]+)"/) ?? [];
  const address = URL.createObjectURL(await response.blob());
  saveAs(address, encoded ? decodeURIComponent(encoded) : plain ?? fallback);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return JSON.parse(decodeURIComponent(response.headers.get("Whenabouts-Notes") ?? "[]"));
}
export function saveAs(address, name = "") {
  Object.assign(document.createElement("a"), { href: at(address), download: name }).click();
}

/* Upload a file; `progress` receives the fraction sent. Returns [promise of the video, function that cancels]. */
export function sendFile(file, progress) {
  const request = new XMLHttpRequest();
  const video = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
    request.onerror = () => reject(new RequestError(`${file.name} was not uploaded: the connection broke.`));
    request.onabort = () => resolve(null);
    request.onload = () => {
      const body = (() => { try { return JSON.parse(request.responseText); } catch { return {}; } })();
      if (request.status === 201) resolve(body);
      else reject(new RequestError(body.error || `${file.name} was refused with status ${request.status}.`));
    };
    request.open("POST", at(`/api/videos?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
  return [video, () => request.abort()];
}

/* Upload a picture to search by: {like, sha256, picture}. */
export const sendPicture = async (file) => read(await ask("POST", "/api/pictures", undefined, { body: file, headers: { "Content-Type": "application/octet-stream" } }));

/* Call `onJob` at each change of a job until it ends, `onLost` where the stream ends earlier. Returns a function that stops. */
export const jobEvents = (id, onJob, onLost) => follow(`/api/jobs/${id}/events`, "job", onJob, onLost);
/* The same for a watch. */
export const liveEvents = (id, onWatch, onLost) => follow(`/api/watches/${id}/events`, "watch", onWatch, onLost);
/* The annotations of a video, now and at each change. */
export const annotationEvents = (id, onList, onLost) => follow(`/api/videos/${id}/annotations/events`, "annotations", onList, onLost);

/* A page that nobody sees follows nothing: the windows of a browser share a few connections to a server. */
function follow(path, name, onChange, onLost) {
  const source = new EventSource(at(path));
  const stop = () => { source.close(); document.removeEventListener("visibilitychange", hide); };
  const lose = () => { stop(); onLost(); };
  const hide = () => { if (document.hidden) lose(); };
  source.addEventListener(name, (event) => onChange(JSON.parse(event.data)));
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) lose(); });
  document.addEventListener("visibilitychange", hide);
  return stop;
}
