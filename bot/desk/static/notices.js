// Notifications, also while nobody looks at the desk. Of all open pages of a browser one listens, the one that holds
// the lock; it tells the others. The next takes over when it is closed. Without locks (plain http) there is none.

import { announce, post } from "./desk.js";

const bell = document.querySelector("[data-bell]");
const prefix = document.body.dataset.prefix;
const can = "Notification" in window && window.isSecureContext;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("erstkontakt-notices") : null;
const here = document.querySelector("[data-conversation]")?.dataset.base.split("/").pop() ?? "";
const onQueue = Boolean(document.querySelector("[data-queue]"));
const TOGETHER = 3; // more than so many at once are told in one
const ANSWERS = 250; // milliseconds for pages in view to say that they show it already

const looking = () => document.visibilityState === "visible" && document.hasFocus();
const shows = ({ conversation, kind }) =>
  looking() && (conversation === here || (onQueue && (kind === "new" || kind === "danger")));

function count({ unseen, label }) {
  bell.setAttribute("aria-label", label);
  bell.title = label;
  bell.querySelector("[data-unseen]").textContent = unseen || "";
}

// What a page in view shows already is not told again; who sees a conversation has seen what was to be told of it.
function claim(notices) {
  const mine = notices.filter(shows);
  if (mine.some((notice) => notice.conversation === here))
    confirm({ conversation: here });
  if (looking()) for (const notice of notices) if (!mine.includes(notice)) announce(notice.text);
  return mine.map((notice) => notice.id);
}

// Also when the page is just being left; what is not confirmed comes again.
function confirm(fields) {
  post(`${prefix}/notices/shown`, fields, { keepalive: true }).catch(() => {});
}

function tell(text, { address, tag, stays }) {
  const notification = new Notification(text, {
    tag, // two pages at the same moment: the browser shows one
    lang: document.documentElement.lang,
    icon: `${prefix}/static/icon.svg`,
    requireInteraction: stays,
  });
  notification.onclick = () => {
    notification.close();
    window.focus();
    if (document.getElementById("reply")?.value.trim()) window.open(address); // a draft is not lost
    else location.assign(address);
  };
}

async function arrive(news) {
  count(news);
  channel?.postMessage({ news });
  if (!news.notices.length) return;
  const known = new Set(claim(news.notices));
  const listen = ({ data }) => data.known?.forEach((id) => known.add(id));
  channel?.addEventListener("message", listen);
  await new Promise((resolve) => setTimeout(resolve, ANSWERS));
  channel?.removeEventListener("message", listen);
  const left = news.notices.filter((notice) => !known.has(notice.id));
  if (can && Notification.permission === "granted" && left.length) {
    const stays = left.some((notice) => notice.severity >= 4);
    if (left.length > TOGETHER) tell(news.together, { address: `${prefix}/notices`, tag: "erstkontakt-many", stays });
    else
      for (const { id, text, address, severity } of left)
        tell(text, { address, tag: `erstkontakt-${id}`, stays: severity >= 4 });
  }
  confirm({ deliveries: news.deliveries.join(",") });
}

channel?.addEventListener("message", ({ data }) => {
  if (!data.news) return;
  count(data.news);
  const known = claim(data.news.notices);
  if (known.length) channel.postMessage({ known });
});

function follow() {
  return new Promise((ended) => {
    let source = null;
    let timer = 0;
    const open = () => {
      source = new EventSource(bell.dataset.events);
      source.addEventListener("notices", (event) => arrive(JSON.parse(event.data)));
      source.addEventListener("gone", () => {
        source.close();
        ended();
      });
      source.onerror = () => {
        source.close();
        clearTimeout(timer);
        timer = setTimeout(open, 3000);
      };
    };
    addEventListener("pagehide", () => {
      clearTimeout(timer);
      source?.close();
      ended();
    });
    open();
  });
}

// Asking: only after a press of a button, never by itself.
const asks = document.querySelectorAll("[data-notices-ask]");
const state = document.querySelector("[data-notices-permission]");
const hint = document.querySelector("[data-notices-hint]");

function permission() {
  const now = can ? Notification.permission : "unsupported";
  for (const button of asks) button.hidden = now !== "default";
  if (state) state.textContent = state.dataset[now];
  if (hint) hint.hidden = now !== "default" || later();
}

function later(chosen) {
  try {
    if (chosen) localStorage.setItem("erstkontakt-notices", "later");
    return localStorage.getItem("erstkontakt-notices") === "later";
  } catch {
    return Boolean(chosen); // private mode: the choice lasts for this page
  }
}

for (const button of asks)
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    permission();
  });
document.querySelector("[data-notices-later]")?.addEventListener("click", () => {
  later(true);
  permission();
});
permission();
if (bell && navigator.locks) {
  const listen = () => navigator.locks.request("erstkontakt-notices", follow);
  addEventListener("pageshow", ({ persisted }) => persisted && listen()); // back from the browser's memory
  listen();
}
