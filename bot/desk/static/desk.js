// What every page of the desk does: forms without reloading, keyboard, announcements. Works without this file, too.

const body = document.body;
const prefix = body.dataset.prefix;
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

export function announce(sentence) {
  document.querySelector("[data-announce]").textContent = sentence;
}

export function problem(sentence) {
  const notice = document.querySelector("[data-error]");
  notice.textContent = sentence;
  notice.hidden = !sentence;
}

export async function post(address, fields, options = {}) {
  const pairs = fields instanceof FormData ? [...fields] : Object.entries(fields);
  const files = pairs.some(([, value]) => value instanceof File && value.size);
  const answer = await fetch(address, {
    ...options,
    method: "POST",
    headers: { Accept: "application/json", "X-CSRF-Token": csrf },
    body: files ? fields : new URLSearchParams(pairs.filter(([, value]) => !(value instanceof File))),
  });
  if (answer.status === 401) location.assign(`${prefix}/login?next=${encodeURIComponent(location.pathname)}`);
  return answer.json();
}

// The numbers in the menu.
function count(numbers) {
  for (const badge of document.querySelectorAll("[data-count]")) {
    const n = numbers[badge.dataset.count] ?? 0;
    badge.textContent = n;
    badge.hidden = n === 0;
    badge.setAttribute("aria-label", badge.dataset.label.replace("{n}", n));
  }
}

// Server-sent events that come back after a broken connection; `address` is asked again each time.
export function listen(address, handlers) {
  const lamp = document.querySelector("[data-connection]");
  const say = (on) => {
    lamp.textContent = on ? body.dataset.live : body.dataset.notLive;
    lamp.classList.toggle("on", on);
  };
  let source = null;
  let timer = 0;
  const open = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(address());
    source.onopen = () => say(true);
    source.onerror = () => {
      say(false);
      source.close();
      timer = setTimeout(open, 3000);
    };
    for (const [name, handle] of Object.entries(handlers))
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    source.addEventListener("counts", (event) => count(JSON.parse(event.data)));
    source.addEventListener("gone", () => {
      source.close();
      location.assign(`${prefix}/`);
    });
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  // A browser allows six connections to one server: a tab nobody looks at gives its one back after a while.
  let pause = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(pause);
    if (document.hidden) pause = setTimeout(close, 120000);
    else if (source === null) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => source ?? open());
  open();
}

// To another page, or this one anew: an address that differs only after # would just scroll.
function go(address) {
  const next = new URL(address, location.href);
  if (next.pathname + next.search !== location.pathname + location.search) return location.assign(next);
  location.hash = next.hash;
  location.reload();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-here]")) form.elements.next.value = location.pathname;
  if (!form.matches("[data-action]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  problem("");
  try {
    const answer = await post(event.submitter?.getAttribute("formaction") ?? form.action, new FormData(form));
    if (!answer.ok) return problem(answer.error);
    if (form.dataset.then === "reload") return location.reload();
    if (form.dataset.then === "go") return go(form.closest("[data-conversation]") ? `${prefix}/` : answer.next);
    form.reset();
    form.closest("details")?.removeAttribute("open");
    form.dispatchEvent(new CustomEvent("done", { bubbles: true }));
  } catch {
    problem(body.dataset.offline);
  } finally {
    delete form.dataset.busy;
  }
});

// Keyboard: single keys can be switched off (WCAG 2.1.4), for people who dictate.
const dialog = document.getElementById("shortcuts");
const singleKeys = document.querySelector("[data-single-keys]");
const stored = () => {
  try {
    return localStorage.getItem("erstkontakt-single-keys") !== "off";
  } catch {
    return true;
  }
};
if (dialog) {
  singleKeys.checked = stored();
  singleKeys.addEventListener("change", () => {
    try {
      localStorage.setItem("erstkontakt-single-keys", singleKeys.checked ? "on" : "off");
    } catch {
      // private mode: the choice lasts for this page
    }
  });
  for (const button of document.querySelectorAll("[data-shortcuts]"))
    button.addEventListener("click", () => dialog.showModal());
}

function step(by) {
  const links = [...document.querySelectorAll("[data-link]")];
  if (!links.length) return false;
  const row = document.activeElement.closest("[data-row]");
  const now = row ? links.indexOf(row.querySelector("[data-link]")) : -1;
  const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
  links[next].focus();
  return true;
}

// Open one of the actions of a conversation and go to its first field.
function act(name) {
  const form = document.querySelector(`.act form[action$="/${name}"]`);
  if (!form || form.querySelector("button").disabled) return false;
  form.closest("details").open = true;
  form.querySelector("select, textarea, input:not([type=hidden])").focus();
  return true;
}

const keys = {
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  c: () => {
    const here = document.activeElement.closest("[data-row]") ?? document.querySelector("[data-conversation]");
    const button = here?.querySelector("[data-claim]:not(:disabled)");
    button?.click();
    return Boolean(button);
  },
  q: () => location.assign(`${prefix}/`) ?? true,
  r: () => {
    const reply = document.getElementById("reply");
    reply?.focus();
    return Boolean(reply);
  },
  n: () => act("note"),
  g: () => act("grant"),
  e: () => act("resolve"),
  "/": () => {
    const search = document.querySelector("[data-search]");
    if (search) search.focus();
    else location.assign(`${prefix}/cases`);
    return true;
  },
  "?": () => dialog.showModal() ?? true,
};

// In any form of the desk: Ctrl + Enter sends it, where Enter alone begins a new line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea")) return;
  event.preventDefault();
  const form = event.target.form;
  form.requestSubmit(form.querySelector("button.primary:not(:disabled)") ?? form.querySelector("button:not([type=button])"));
});

document.addEventListener("keydown", (event) => {
  if (!dialog || dialog.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const arrow = event.key.startsWith("Arrow");
  if (!arrow && !singleKeys.checked) return;
  if (arrow && event.target.closest("[role=log]")) return;
  if (Object.hasOwn(keys, event.key) && keys[event.key]()) event.preventDefault();
});
