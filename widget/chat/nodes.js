/* Building the page: everything that somebody wrote becomes a text node, never HTML. */

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  transcript: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  photo: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  send: "M4.5 12L20 4.5 15.5 20l-3.7-6.2zM11.8 13.8L20 4.5",
  person: "M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM4.5 20c.6-3.9 3.6-5.8 7.5-5.8s6.9 1.9 7.5 5.8",
  bot: "M12 3.5l1.9 5.1 5.1 1.9-5.1 1.9L12 17.5l-1.9-5.1L5 10.5l5.1-1.9zM18.5 16v4M16.5 18h4",
  queue: "M7 4h10M7 20h10M8 4c0 5 8 6 8 16M16 4c0 5-8 6-8 16",
  nobody: "M5 12.5l4.5 4.5L19 7.5",
  mail: "M4 6h16v12H4zM4.5 6.500l7.5 6 7.5-6",
  menu: "M5 7h14M5 12h14M5 17h14",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M7 3.5h7l4 4V20.500H7zM14 3.500v4h4",
};

/** An element: functions become listeners, everything else attributes; strings become text nodes. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Set a text only when it changes, so that a live region does not read it again. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Text with its https links: nodes only. A link with a user name in it (https://bank@evil) stays plain text. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(/https:\/\/[^\s<>"'`]+/g)) {
    const closing = match[0].includes("(") ? /[.,;:!?\]}…*_]+$/ : /[.,;:!?)\]}…*_]+$/;
    const address = match[0].replace(closing, "");
    let url;
    try {
      url = new URL(address);
    } catch {
      continue;
    }
    if (url.protocol !== "https:" || url.username || url.password) continue;
    nodes.push(text.slice(from, match.index), el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, address));
    from = match.index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}
