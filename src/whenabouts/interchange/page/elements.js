/* Elements: found and made. What comes from outside is text, never markup; style is set through properties. */

export const byId = (id) => document.getElementById(id);

export function make(name, props = {}, ...children) {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
}

/* The picture of the example that a query asks for, if there is one. */
export const exampleOf = (query) => (query.example ? [make("img", { className: "example", src: query.example, alt: "" })] : []);

export function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/* Write a text where another stood; what is the same costs nothing. */
export function write(element, text) { if (element.textContent !== text) element.textContent = text; }

/* A switch shows that it is on by aria-pressed. */
export function press(id, on) { byId(id).setAttribute("aria-pressed", String(on)); }
export const pressed = (id) => byId(id).getAttribute("aria-pressed") === "true";
