/* The reader's language first, as the browser says until somebody chooses another; then the page, which speaks as it loads. */

import "./early.js";
import { byId, make } from "./shared/elements.js";
import { preferred, setLanguage, translatePage } from "./shared/language.js";

const load = (name) => fetch(`page/${name}`).then((response) => (response.ok ? response.json() : null)).catch(() => null);
function kept(code) {
  try {
    if (code) localStorage.setItem("language", code);
    return localStorage.getItem("language");
  } catch {
    return null;
  }
}

const languages = { en: "English", ...(await load("languages.json")) };
const chosen = kept() in languages ? kept() : preferred(Object.keys(languages));
if (chosen !== "en") {
  const catalogue = await load(`language/${chosen}.json`);
  if (catalogue) { setLanguage(chosen, catalogue); translatePage(); }
}
const choice = byId("language");
choice.append(...Object.entries(languages).map(([value, name]) => make("option", { value, textContent: name, lang: value })));
choice.value = chosen;
choice.hidden = Object.keys(languages).length < 2;
choice.addEventListener("change", () => { kept(choice.value); location.reload(); });

await import("./main.js");
