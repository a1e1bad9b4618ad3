/* Light and dark: as the system says, until the button says otherwise; the choice is kept where the browser allows it. */

import { byId } from "./elements.js";
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
byId("theme").append(icon("theme"));
byId("theme").addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  kept(root.dataset.theme);
});
byId("help")?.append(icon("keys"));
