/* Light and dark: as the system says, until the button says otherwise; the choice is kept where the browser allows it. */

import { at } from "./elements.js";
import { icon } from "./icons.js";

const root = document.documentElement;
function kept(choice) {
  try {
    if (choice) localStorage.setItem("theme", choice);
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

root.dataset.theme = kept() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
at("theme").append(icon("theme"));
at("theme").addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  kept(root.dataset.theme);
});
at("help").append(icon("keys"));
