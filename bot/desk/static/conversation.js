// One conversation, live both ways: messages arrive, buttons follow what is allowed, typing is told.

import { listen, post } from "./desk.js";
import { colleagues, modules } from "./picker.js";

const talk = document.querySelector("[data-conversation]");
const transcript = document.querySelector("[data-transcript]");
const standing = document.querySelector("[data-standing]");
const summary = document.querySelector("[data-summary]");
const typing = document.querySelector("[data-typing]");
const reply = document.getElementById("reply");
const title = document.title;
let last = Number(talk.dataset.last);
let unread = 0;

const bottom = () => transcript.scrollTo({ top: transcript.scrollHeight });
const fromHtml = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html; // escaped by the server's templates
  return template.content.firstElementChild;
};

function arrive({ messages }) {
  const atBottom = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 80;
  document.querySelector("[data-empty]")?.remove();
  for (const { seq, author, html } of messages) {
    const element = fromHtml(html);
    const shown = transcript.querySelector(`[data-seq="${seq}"]`);
    if (shown) {
      shown.replaceWith(element);
      continue;
    }
    element.classList.add("fresh");
    transcript.append(element);
    last = Math.max(last, seq);
    if (author === "customer" && document.hidden) unread += 1;
  }
  if (atBottom) bottom();
  if (unread) document.title = `(${unread}) ${title}`;
}

function state(news) {
  standing.innerHTML = news.standing;
  typing.textContent = news.typing;
  document.querySelector("[data-others]").textContent = news.others;
  for (const control of document.querySelectorAll("[data-needs]")) control.disabled = !news.may[control.dataset.needs];
  for (const part of document.querySelectorAll("[data-shown-for]")) part.hidden = !news.may[part.dataset.shownFor];
  document.querySelector("[data-said-language]").textContent = news.spoken.said;
  talk.dataset.spoken = news.spoken.language;
  reply.lang = news.spoken.language;
  if (news.briefing !== undefined) renew(summary.querySelector("[data-briefing]"), news.briefing);
  if (news.case === undefined) return;
  for (const picker of pickers) picker.forget(); // their gaps may be filled now
  renew(summary.querySelector("[data-facts]"), news.case);
}

// New contents for a part of the panel: what was open stays open, the focus and the place stay where they were.
function renew(part, html) {
  const open = [...part.querySelectorAll("details[open]")].map((details) => details.id);
  const focused = part.contains(document.activeElement) ? document.activeElement.closest("details")?.id : null;
  const top = summary.scrollTop;
  part.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.querySelector("summary").focus();
  summary.scrollTop = top;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});

const words = JSON.parse(talk.dataset.words);
const pickers = [...document.querySelectorAll("[data-modules]")].map((field) =>
  modules(field, talk.dataset.base, words, () => talk.dataset.spoken),
);
document.querySelector("[data-open-modules]").addEventListener("click", () => pickers[0].begin("/"));
for (const field of document.querySelectorAll("[data-mentions]")) colleagues(field, talk.dataset.base, words);

reply.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  reply.form.requestSubmit();
});

// A file for the customer: chosen, pasted or dropped.
const file = document.querySelector("[data-file]");
const chosen = document.querySelector("[data-chosen]");
const remove = document.querySelector("[data-remove-file]");
function showFile() {
  const [one] = file.files;
  chosen.textContent = one ? chosen.dataset.some.replace("{name}", () => one.name) : chosen.dataset.none;
  remove.hidden = !one;
  reply.required = !one;
}
function take(event, given) {
  if (file.disabled || !given?.files.length) return;
  event.preventDefault();
  const one = new DataTransfer();
  one.items.add(given.files[0]);
  file.files = one.files;
  showFile();
}
file.addEventListener("change", showFile);
remove.addEventListener("click", () => {
  file.value = "";
  showFile();
  reply.focus();
});
reply.addEventListener("paste", (event) => take(event, event.clipboardData));
reply.form.addEventListener("dragover", (event) => event.preventDefault());
reply.form.addEventListener("drop", (event) => take(event, event.dataTransfer));
reply.form.addEventListener("reset", () => setTimeout(showFile));

let told = 0;
reply.addEventListener("input", () => {
  if (!reply.value.trim() || Date.now() - told < 3000) return;
  told = Date.now();
  post(`${talk.dataset.base}/typing`, {}).catch(() => {}); // only a courtesy
});

document.addEventListener("done", (event) => {
  if (event.target.matches("[data-say]")) reply.focus();
});

// What names me here is read as soon as I look.
let named = 0;
function read() {
  if (!named || document.hidden) return;
  named = 0;
  post(`${talk.dataset.base}/seen`, {}).catch(() => {}); // it stays in the list
}
document.addEventListener("visibilitychange", read);

const wanted = talk.dataset.case ? `&case=${encodeURIComponent(talk.dataset.case)}` : "";
bottom();
listen(() => `${talk.dataset.base}/events?after=${last}${wanted}`, {
  messages: arrive,
  state,
  counts: (numbers) => {
    named = numbers.mentions;
    read();
  },
});
