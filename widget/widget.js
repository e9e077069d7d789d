/*
 * erstkontakt: the one script a shop embeds. It draws the launcher and fetches the chat when somebody opens it.
 *
 *   <script src="/widget/widget.js" data-erstkontakt data-locale="de" defer></script>
 *
 * Attributes are described in README.md. Works under a strict content security policy: no inline style, no eval.
 */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector("script[data-erstkontakt]");
  if (!script || window.erstkontakt) return;

  const TEXTS = {
    de: {
      launch: "Schreiben Sie uns",
      resume: "Gespräch fortsetzen",
      unreadOne: "1 neue Nachricht",
      unread: "{n} neue Nachrichten",
      failed: "Der Chat lädt gerade nicht. Bitte versuchen Sie es gleich noch einmal.",
    },
    en: {
      launch: "Message us",
      resume: "Continue the chat",
      unreadOne: "1 new message",
      unread: "{n} new messages",
      failed: "The chat does not load right now. Please try again in a moment.",
    },
  };

  const DEFAULT_ACCENT = "#2f5d50";
  const PAPER = [250, 246, 239]; // the surfaces of chat.css that accent-coloured text stands on
  const NIGHT = [52, 47, 41];

  const STYLE = `
    :host { all: initial !important; }
    [hidden] { display: none !important; }
    .launch {
      all: unset; box-sizing: border-box; position: fixed; z-index: 2147483000;
      inset-inline-end: max(20px, env(safe-area-inset-right)); inset-block-end: max(20px, env(safe-area-inset-bottom));
      display: inline-flex; align-items: center; gap: .6em; min-height: 56px; max-width: calc(100vw - 40px);
      padding: .7em 1.3em .7em 1.1em; border: 2px solid var(--ek-on-launcher); border-radius: 28px; cursor: pointer;
      font: 600 medium/1.25 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
      color: var(--ek-on-launcher); background: var(--ek-launcher);
      box-shadow: 0 0 0 1px var(--ek-launcher), 0 8px 28px rgb(40 30 15 / 28%);
      transition: transform .18s ease, box-shadow .18s ease;
    }
    :host([data-left]) .launch, :host([data-left]) .failed { inset-inline: 20px auto; }
    .launch:hover { transform: translateY(-2px); }
    .launch:focus-visible { outline: 3px solid var(--ek-ink); outline-offset: 4px; }
    .launch[aria-busy=true] { cursor: progress; }
    svg { flex: none; width: 1.5em; height: 1.5em; fill: none; stroke: currentColor; stroke-width: 1.8;
      stroke-linecap: round; stroke-linejoin: round; }
    .badge { padding: .15em .6em; border-radius: 1em; font-size: .85em; color: #3d1d00; background: #ffd88a; }
    .failed {
      position: fixed; z-index: 2147483000; inset-inline-end: 20px; inset-block-end: 92px; max-width: min(20em, 80vw);
      margin: 0; padding: .8em 1em; border: 1px solid #8a6d3b; border-radius: 14px; color: #33291a; background: #fff8ea;
      font: medium/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }
    .failed:empty { display: none; }
    @media (prefers-reduced-motion: reduce) { .launch { transition: none; } .launch:hover { transform: none; } }
    @media print { .launch, .failed { display: none; } }
  `;

  // Where things are -------------------------------------------------------------------------------------------

  const source = new URL(script.src, document.baseURI);
  const server = new URL(script.dataset.server || "/", source).href.replace(/\/+$/, "");

  /** What is remembered in this browser; in memory only where the browser forbids storage. */
  const store = {
    memory: new Map(),
    prefix: `erstkontakt:${server}:`,
    get(name) {
      try {
        return localStorage.getItem(this.prefix + name);
      } catch {
        return this.memory.get(name) ?? null;
      }
    },
    set(name, value) {
      try {
        if (value === null) localStorage.removeItem(this.prefix + name);
        else localStorage.setItem(this.prefix + name, value);
      } catch {
        this.memory.set(name, value);
      }
    },
  };

  /** The shop's own words for a text: data-text-launch-de, else data-text-launch; undefined where there are none. */
  function own(key, locale) {
    const upper = (word) => word[0].toUpperCase() + word.slice(1);
    return script.dataset[`text${upper(key)}${upper(locale)}`] || script.dataset[`text${upper(key)}`];
  }

  const say = (key) => own(key, locale) || TEXTS[locale][key];

  function firstLocale() {
    for (const wish of [store.get("locale"), script.dataset.locale, document.documentElement.lang, navigator.language]) {
      const language = (wish || "").slice(0, 2).toLowerCase();
      if (language in TEXTS) return language;
    }
    return "de";
  }

  // Colours: whatever accent a shop picks, text keeps a contrast of at least 4.5 (WCAG 2.2, 1.4.3) -------------

  function rgb(colour) {
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = DEFAULT_ACCENT;
    context.fillStyle = colour;
    const hex = /^#([0-9a-f]{6})$/i.test(context.fillStyle) ? context.fillStyle : DEFAULT_ACCENT;
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  function readable(colour, behind, towards) {
    let best = colour;
    for (let share = 0; share <= 1 && contrast(best, behind) < 5.2; share += 0.05) {
      best = colour.map((c, i) => Math.round(c + (towards[i] - c) * share));
    }
    return best;
  }

  /** The same hue, as bright as it gets without turning into neon. */
  function brightened(colour) {
    const factor = Math.max(1, 180 / Math.max(...colour, 1));
    return colour.map((c) => Math.min(255, Math.round(c * factor)));
  }

  function paint(host) {
    const night = matchMedia("(prefers-color-scheme: dark)");
    const white = [255, 255, 255];
    const black = [0, 0, 0];
    const on = (colour) => (contrast(colour, white) >= 4.5 ? white : black);
    const theme = () => {
      const { theme, accent, accentDark, launcher } = script.dataset;
      const dark = (theme || (night.matches ? "dark" : "")) === "dark";
      const main = rgb((dark && accentDark) || accent || DEFAULT_ACCENT);
      const button = launcher ? rgb(launcher) : main;
      const ink = dark ? readable(brightened(main), NIGHT, white) : readable(main, PAPER, black);
      const colours = { accent: main, "on-accent": on(main), launcher: button, "on-launcher": on(button), ink };
      for (const [name, value] of Object.entries(colours)) host.style.setProperty(`--ek-${name}`, `rgb(${value.join(" ")})`);
      host.toggleAttribute("data-dark", dark);
    };
    night.addEventListener("change", theme);
    theme();
    host.toggleAttribute("data-left", script.dataset.position === "left");
  }

  // The launcher -------------------------------------------------------------------------------------------------

  const host = document.createElement("erstkontakt-chat");
  const root = host.attachShadow({ mode: "open" });
  const launcher = document.createElement("button");
  const label = document.createElement("span");
  const badge = document.createElement("span");
  const failed = document.createElement("p");
  let locale = firstLocale();
  let unread = 0;
  let opener = launcher; // who gets the focus back
  let chat = null; // a promise of the chat once it is fetched

  function build() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = document.createElement("style"); // browsers before 2023
      style.textContent = STYLE;
      root.append(style);
    }
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M4 5h16v11H11l-5 4v-4H4zM8 9.2h8M8 12.2h5");
    svg.append(path);
    badge.className = "badge";
    failed.className = "failed";
    failed.setAttribute("role", "status");
    launcher.type = "button";
    launcher.className = "launch";
    launcher.dataset.ek = "launcher";
    launcher.setAttribute("aria-haspopup", "dialog");
    launcher.setAttribute("aria-expanded", "false");
    launcher.append(svg, label, badge);
    launcher.addEventListener("click", () => open(launcher));
    root.append(failed, launcher);
    paint(host);
    relabel();
    document.body.append(host);
    // In the top layer no z-index and no transform of the shop's reaches it.
    if (host.showPopover) {
      host.popover = "manual";
      host.showPopover();
    }
  }

  function relabel() {
    launcher.lang = failed.lang = locale;
    label.textContent = say(store.get("token") ? "resume" : "launch");
    badge.textContent = unread ? say(unread === 1 ? "unreadOne" : "unread").replace("{n}", unread) : "";
    badge.hidden = !unread;
  }

  // Opening and closing --------------------------------------------------------------------------------------------

  /** Some browsers remember that a module could not be fetched: another try needs another address. */
  function beside(name, tries = 0) {
    const url = new URL(name, source);
    if (tries) url.searchParams.set("try", tries);
    return url.href;
  }

  let tries = 0;

  async function fetchChat() {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = beside("chat/chat.css");
    const styled = new Promise((resolve, reject) => {
      style.onload = resolve;
      style.onerror = () => (style.remove(), reject(new Error("chat not loaded")));
    });
    root.append(style);
    const [{ build }] = await Promise.all([import(beside("chat/chat.js", tries++)), styled]);
    return build({ root, script, server, store, own, locale, onClose: closed, onLocale, onUnread });
  }

  async function open(from) {
    opener = from || launcher;
    failed.textContent = "";
    launcher.setAttribute("aria-busy", "true");
    try {
      chat = chat || fetchChat();
      (await chat).open();
      launcher.hidden = true;
      launcher.setAttribute("aria-expanded", "true");
    } catch (error) {
      chat = null;
      failed.textContent = say("failed");
      console.error("erstkontakt:", error);
    } finally {
      launcher.removeAttribute("aria-busy");
    }
  }

  function closed() {
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    relabel();
    (opener.isConnected ? opener : launcher).focus();
  }

  function onLocale(chosen) {
    locale = chosen;
    store.set("locale", chosen);
    relabel();
  }

  function onUnread(count) {
    unread = count;
    relabel();
  }

  /** Somebody answered since the last visit: say so on the launcher, without loading the chat. */
  async function lookForNews() {
    const token = store.get("token");
    if (!token) return;
    try {
      const url = `${server}/chat/messages?after=${Number(store.get("read")) || 0}&wait=0`;
      const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
      if (!response.ok || chat) return;
      onUnread((await response.json()).messages.filter((message) => message.author !== "customer").length);
    } catch {
      // Offline: the chat itself tells when it is opened.
    }
  }

  window.erstkontakt = { open: () => open(launcher), close: async () => chat && (await chat).close() };
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("[data-erstkontakt-open]");
    if (!link) return;
    event.preventDefault();
    open(link);
  });
  build();
  lookForNews();
})();
