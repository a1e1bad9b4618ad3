/* Logging in with a token, and what somebody may do then. The dialog opens once, however many requests were refused. */

import { at, sentence } from "./api.js";
import { showNotice } from "./notice.js";
import { isGateway, UNREACHABLE } from "./reach.js";
import { byId, make } from "./shared/elements.js";
import { say, translate } from "./shared/language.js";

let asking = null;
export const logIn = () => (asking ??= ask().finally(() => { asking = null; }));

function ask() {
  const token = make("input", { type: "password", name: "token", autocomplete: "current-password", required: true, maxLength: 200, id: "token" });
  const trouble = make("p", { className: "trouble" }), button = make("button", { className: "strong", type: "submit", textContent: say`Log in` });
  trouble.setAttribute("role", "alert");
  const user = make("input", { type: "text", name: "user", autocomplete: "username", hidden: true }); // programs that keep passwords look for one
  const form = make("form", {}, user, make("h2", { textContent: say`Log in`, id: "login-title" }),
    make("label", { htmlFor: "token", textContent: say`Your token, as the operator of this server gave it to you` }), token, trouble, button);
  const dialog = make("dialog", { id: "login", className: "card" }, form);
  dialog.setAttribute("aria-labelledby", "login-title");
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // nothing can be done without a login
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const refused = await send("POST", { token: token.value });
    button.disabled = false;
    trouble.textContent = refused;
    if (refused) return token.select();
    dialog.remove();
    resolve();
  }));
}

/* Why a request of the login was refused; nothing where it was not. */
async function send(method, body) {
  const options = { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) };
  const response = await fetch(at("/api/session"), options).catch(() => null);
  if (!response || isGateway(response.status)) return translate(UNREACHABLE);
  return response.ok ? "" : translate(await sentence(response));
}

/* Whether this user may do what a scope allows; at a server without users all is allowed. */
export const may = (scope) => (document.body.dataset.scopes ?? scope).split(" ").includes(scope);

/* Show who is logged in, and only what they may do. */
export function showUser(user) {
  if (!user) return;
  document.body.dataset.scopes = user.scopes.join(" ");
  const button = byId("log-out");
  button.textContent = say`Log out ${user.name}`;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const refused = await send("DELETE");
    if (refused) showNotice(say`You are still logged in. ${refused}`);
    else location.reload();
  });
}
