/* The server's API: JSON in and out; an error is one sentence. */

export class RequestError extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

async function sentence(response) {
  const error = await response.json().then((body) => body.error, () => null);
  return error || `The server answered with status ${response.status}.`;
}

async function ask(method, path, body, extra = {}) {
  const options = { method, headers: {}, ...extra };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch(() => {
    throw new RequestError("The server does not answer. Is it still running?");
  });
  if (!response.ok) throw new RequestError(await sentence(response), response.status);
  return response;
}
const read = async (response) => (response.status === 204 ? null : response.json());

export const get = async (path) => read(await ask("GET", path));
export const post = async (path, body) => read(await ask("POST", path, body));
export const put = async (path, body, extra) => read(await ask("PUT", path, body, extra));
export const remove = async (path) => read(await ask("DELETE", path));

/* Save the file that a request makes, under the name that the server gives it. */
export async function download(path, body, fallback) {
  const response = await ask("POST", path, body);
  const header = response.headers.get("Content-Disposition") ?? "";
  const [, encoded] = header.match(/filename\*=(?:UTF-8|utf-8)''([^;]+)/) ?? [];
  const [, plain] = header.match(/filename="([^"]+)"/) ?? [];
  const address = URL.createObjectURL(await response.blob());
  saveAs(address, encoded ? decodeURIComponent(encoded) : plain ?? fallback);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
export function saveAs(address, name = "") {
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
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
    request.open("POST", `/api/videos?name=${encodeURIComponent(file.name)}`);
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

function follow(path, name, onChange, onLost) {
  const source = new EventSource(path);
  source.addEventListener(name, (event) => onChange(JSON.parse(event.data)));
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) onLost(); });
  return () => source.close();
}
