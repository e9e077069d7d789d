// The queue, live: the server sends both lists as they are to be shown; focus and place are kept.

import { announce, listen } from "./desk.js";

const lists = document.querySelector("[data-queue]");
const title = document.title;
let before = null;

function show({ html, waiting, total, due }) {
  const row = document.activeElement.closest("[data-row]");
  const wasClaim = document.activeElement.matches("[data-claim]");
  lists.innerHTML = html; // escaped by the server's templates
  if (row) {
    const again = lists.querySelector(`[data-row="${CSS.escape(row.dataset.row)}"]`);
    (again?.querySelector(wasClaim ? "[data-claim]" : "[data-link]") ?? lists.querySelector("[data-link]"))?.focus();
  }
  document.title = total + due.length ? `(${total + due.length}) ${title}` : title;
  if (before) {
    if (waiting.some((id) => !before.waiting.includes(id))) announce(lists.dataset.newWaiting);
    else if (due.some((id) => !before.due.includes(id))) announce(lists.dataset.newAnswer);
  }
  before = { waiting, due };
}

listen(() => lists.dataset.events, { queue: show });
