/*
 * erstkontakt: the chat itself, fetched by widget.js when a customer opens it.
 *
 *   Api      one request, one named error
 *   Session  the token: one per browser, shared by all tabs
 *   Outbox   what the customer sent and the server has not confirmed: kept, retried, never doubled
 *   Live     news from the server: WebSocket, else long polling
 *   Log      the messages on the screen, in the order of their `seq`
 *   Panel    header, notes, composer
 *   Chat     wires them together
 *
 * Everything a customer, a bot or a member of staff wrote reaches the page as a text node, never as HTML.
 */
(() => {
  "use strict";

  const TEXTS = {
    de: {
      name: "Deutsch",
      service: "Kundenservice",
      panel: "Chat mit {company}",
      log: "Nachrichten",
      ai: "KI-Assistent",
      team: "Ein Mensch aus unserem Team",
      queue: "Warten auf einen Menschen",
      nobody: "Gespräch abgeschlossen",
      you: "Sie",
      notice: "Hinweis",
      typing: "{who} schreibt …",
      sending: "wird gesendet …",
      today: "Heute",
      yesterday: "Gestern",
      choices: "Antworten zur Auswahl",
      chosen: "gewählt",
      input: "Ihre Nachricht",
      placeholder: "Ihre Nachricht …",
      send: "Nachricht senden",
      photo: "Foto oder Beleg hinzufügen",
      previews: "Wird mitgesendet",
      remove: "{name} entfernen",
      open: "{name} herunterladen",
      human: "Mit einem Menschen sprechen",
      humanText: "Ich möchte mit einem Menschen sprechen",
      language: "Sprache der Oberfläche",
      transcript: "Gespräch als Text herunterladen",
      transcriptFile: "Gespraech",
      close: "Chat schließen",
      dismiss: "Hinweis schließen",
      privacy: "Datenschutz",
      newer: "Neue Nachrichten",
      loading: "Ihr Gespräch wird geladen …",
      offline: "Keine Verbindung. Was Sie schreiben, bleibt hier und geht raus, sobald das Netz wieder da ist.",
      expired: "Ihr früheres Gespräch ist abgelaufen. Wir haben ein neues begonnen; Ihr Text ist noch da.",
      trouble: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
    },
    en: {
      name: "English",
      service: "Customer service",
      panel: "Chat with {company}",
      log: "Messages",
      ai: "AI assistant",
      team: "A person from our team",
      queue: "Waiting for a person",
      nobody: "Conversation closed",
      you: "You",
      notice: "Notice",
      typing: "{who} is typing …",
      sending: "sending …",
      today: "Today",
      yesterday: "Yesterday",
      choices: "Answers to choose from",
      chosen: "chosen",
      input: "Your message",
      placeholder: "Your message …",
      send: "Send message",
      photo: "Add a photo or receipt",
      previews: "Sent along",
      remove: "Remove {name}",
      open: "Download {name}",
      human: "Talk to a person",
      humanText: "I'd like to talk to a person",
      language: "Language of the interface",
      transcript: "Download the chat as text",
      transcriptFile: "Chat",
      close: "Close chat",
      dismiss: "Close notice",
      privacy: "Privacy",
      newer: "New messages",
      loading: "Loading your chat …",
      offline: "No connection. What you write stays here and is sent as soon as the network is back.",
      expired: "Your earlier chat has expired. We have started a new one; your text is still here.",
      trouble: "That did not work. Please try again.",
    },
  };

  const ICONS = {
    close: "M6 6l12 12M18 6L6 18",
    transcript: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
    photo: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
    send: "M4.5 12L20 4.5 15.5 20l-3.7-6.2zM11.8 13.8L20 4.5",
    person: "M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM4.5 20c.6-3.9 3.6-5.8 7.5-5.8s6.9 1.9 7.5 5.8",
    bot: "M12 3.5l1.9 5.1 5.1 1.9-5.1 1.9L12 17.5l-1.9-5.1L5 10.5l5.1-1.9zM18.5 16v4M16.5 18h4",
    queue: "M7 4h10M7 20h10M8 4c0 5 8 6 8 16M16 4c0 5-8 6-8 16",
    nobody: "M5 12.5l4.5 4.5L19 7.5",
    down: "M12 5v14M6 13l6 6 6-6",
    file: "M7 3.5h7l4 4V20.500H7zM14 3.500v4h4",
  };

  const SOCKET_PATIENCE = 3_000; // ms until long polling takes over
  const SOCKET_REST = 60_000; // ms until a WebSocket is tried again
  const SILENCE = 45_000; // ms after which a quiet WebSocket is checked
  const LONG_POLL = 25; // seconds
  const SLOWEST = 30_000; // ms between tries at most

  // Small tools ----------------------------------------------------------------------------------------------------

  /** An element: functions become listeners, everything else attributes; strings become text nodes. */
  function el(tag, attributes = {}, ...children) {
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
  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** 128 random bits; crypto.randomUUID is missing on plain http. */
  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Milliseconds to wait before the next try: 1, 2, 4 … 30 seconds, ±30 % so that customers do not come in step. */
  function backoff(failures) {
    return Math.min(1000 * 2 ** (failures - 1), SLOWEST) * (0.7 + Math.random() * 0.6);
  }

  /** Text with its https links: nodes only. A link with a user name in it (https://bank@evil) stays plain text. */
  function linked(text) {
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

  /** A picture of a file, drawn on a canvas: needs no img-src in the shop's content security policy. */
  async function thumbnail(blob, alt) {
    const bitmap = await createImageBitmap(blob);
    const scale = Math.min(1, 480 / Math.max(bitmap.width, bitmap.height));
    const size = { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) };
    const canvas = el("canvas", { class: "picture", role: "img", "aria-label": alt });
    Object.assign(canvas, size);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  }

  /** Saved, never opened: a file from a chat must not run in the shop's page. */
  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  // Requests -------------------------------------------------------------------------------------------------------

  /** The server said no and why: `message` is a sentence for the customer (may be empty). */
  class Refused extends Error {
    constructor(status, message, token) {
      super(message);
      Object.assign(this, { status, token });
    }
  }

  /** No answer, or one that is no answer: try again later. */
  class Unreachable extends Error {}

  class Api {
    constructor(server) {
      this.server = server;
    }

    /** The response of one request. Raises Refused (4xx) or Unreachable (network, timeout, 5xx). */
    async call(method, path, { token, json, form, seconds = 20, signal } = {}) {
      const headers = {};
      if (token) headers.Authorization = `Bearer ${token}`;
      if (json) headers["Content-Type"] = "application/json";
      const aborter = new AbortController();
      const timer = setTimeout(() => aborter.abort(), seconds * 1000);
      if (signal) signal.addEventListener("abort", () => aborter.abort(), { once: true });
      let response;
      let body;
      try {
        const options = { method, headers, body: json ? JSON.stringify(json) : form, signal: aborter.signal, credentials: "omit" };
        response = await fetch(path.startsWith("/") ? this.server + path : path, options);
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        body = isJson ? await response.json() : await response.blob();
      } catch (error) {
        throw new Unreachable(error.message);
      } finally {
        clearTimeout(timer);
      }
      if (response.ok) return body;
      if (response.status >= 500 || response.status === 408) throw new Unreachable(`status ${response.status}`);
      throw new Refused(response.status, (body.error && body.error.message) || "", token);
    }
  }

  class Session {
    constructor(api, store) {
      this.api = api;
      this.store = store;
      this.token = store.get("token");
      this.dead = null;
      this.opening = null;
    }

    /** A token; opens a conversation where there is none. Two tabs at once open only one. Returns its first messages. */
    ensure(locale) {
      if (this.token) return [];
      this.opening = this.opening || this.#exclusively(() => this.#open(locale)).finally(() => (this.opening = null));
      return this.opening;
    }

    /** The server no longer knows this token. */
    drop(token) {
      this.dead = token;
      this.token = null;
      if (this.store.get("token") === token) this.store.set("token", null);
    }

    async #open(locale) {
      const others = this.store.get("token"); // another tab was faster
      if (others && others !== this.dead) {
        this.token = others;
        return [];
      }
      const { token, messages } = await this.api.call("POST", "/chat/sessions", { json: { locale } });
      this.token = token;
      this.store.set("token", token);
      return messages;
    }

    #exclusively(work) {
      return navigator.locks ? navigator.locks.request("erstkontakt-session", work) : work();
    }
  }

  // Sending --------------------------------------------------------------------------------------------------------

  /**
   * What the customer sent, one after the other, until the server confirms it. Each item keeps its `client_id` over
   * every retry and every reload, so the server takes it once.
   */
  class Outbox {
    constructor({ store, send, onSent, onRefused, onTrouble }) {
      Object.assign(this, { store, send, onSent, onRefused, onTrouble });
      this.items = this.#restored();
      this.busy = false;
      this.wake = () => {};
    }

    add(item) {
      const added = { client_id: newId(), at: new Date().toISOString(), text: "", tried: false, ...item };
      this.items.push(added);
      this.#keep();
      return added;
    }

    async drain() {
      if (this.busy) return this.wake();
      this.busy = true;
      let failures = 0;
      while (this.items.length) {
        const item = this.items[0];
        item.tried = true;
        try {
          const { seq } = await this.send(item);
          failures = 0;
          this.#done(item);
          this.onSent(item, seq);
        } catch (error) {
          if (error instanceof Refused && error.status !== 401) {
            this.#done(item);
            this.onRefused(item, error);
          } else {
            failures += 1;
            this.onTrouble(error);
            if (error instanceof Unreachable || failures > 1) await this.#pause(backoff(failures));
          }
        }
      }
      this.busy = false;
    }

    /** Buttons belong to the conversation that ended; texts and photos go into the new one. */
    dropPayloads() {
      this.items = this.items.filter((item) => !item.payload);
      this.#keep();
    }

    #done(item) {
      this.items = this.items.filter((other) => other !== item);
      this.#keep();
    }

    #pause(milliseconds) {
      return new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, milliseconds);
      });
    }

    #keep() {
      const kept = this.items.filter((item) => !item.file);
      this.store.set("outbox", kept.length ? JSON.stringify(kept) : null);
    }

    #restored() {
      try {
        return JSON.parse(this.store.get("outbox")) || [];
      } catch {
        return [];
      }
    }
  }

  // Receiving ------------------------------------------------------------------------------------------------------

  class Live {
    constructor({ api, session, seq, ensure, onNews, onOnline, onError }) {
      Object.assign(this, { api, session, seq, ensure, onNews, onOnline, onError });
      this.socketsFrom = 0; // time before which no WebSocket is tried
      this.wake = () => {};
      this.restart = () => {};
    }

    async run() {
      let failures = 0;
      let caughtUp = false;
      for (;;) {
        try {
          await this.ensure();
          if (!caughtUp) await this.#poll(0);
          caughtUp = true;
          failures = 0;
          this.onOnline(true);
          if (Date.now() >= this.socketsFrom) caughtUp = !(await this.#socket());
          else await this.#poll(LONG_POLL);
        } catch (error) {
          caughtUp = false;
          failures += 1;
          if (this.restarted) failures = 0;
          else this.onError(error);
          if (failures > (error instanceof Refused && error.status === 401 ? 1 : 0)) await this.#pause(backoff(failures));
        }
        this.restarted = false;
      }
    }

    /** Ask now: a message that must be there has not come, or the network is back. */
    async check() {
      this.wake();
      if (!this.socket) return;
      const socket = this.socket;
      try {
        if (await this.#poll(0)) socket.close(); // it should have told us
      } catch {
        socket.close();
      }
    }

    /** Start again: the conversation is another one. */
    again() {
      this.restarted = true;
      this.restart();
      this.wake();
    }

    async #poll(wait) {
      const aborter = new AbortController();
      if (wait) this.restart = () => aborter.abort();
      const token = this.session.token;
      const path = `/chat/messages?after=${this.seq()}&wait=${wait}`;
      const news = await this.api.call("GET", path, { token, seconds: wait + 15, signal: aborter.signal });
      return token === this.session.token && this.onNews(news);
    }

    /** Listen until the WebSocket closes. False: it never opened, and polling takes over for a while. */
    async #socket() {
      const url = new URL(`${this.api.server}/chat/socket`);
      url.protocol = url.protocol.replace("http", "ws");
      url.searchParams.set("token", this.session.token);
      url.searchParams.set("after", this.seq());
      let socket;
      try {
        socket = new WebSocket(url);
      } catch {
        this.socketsFrom = Date.now() + SOCKET_REST; // forbidden by the page
        return false;
      }
      const token = this.session.token;
      const since = Date.now();
      let heard = since;
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.addEventListener("message", (event) => {
        heard = Date.now();
        if (token === this.session.token) this.onNews(JSON.parse(event.data));
      });
      this.restart = () => socket.close();
      const opened = await Promise.race([
        new Promise((resolve) => socket.addEventListener("open", () => resolve(true))),
        closed.then(() => false),
        new Promise((resolve) => setTimeout(resolve, SOCKET_PATIENCE, false)),
      ]);
      if (!opened) {
        socket.close();
        this.socketsFrom = Date.now() + SOCKET_REST;
        return false;
      }
      this.socket = socket;
      const watch = setInterval(() => {
        if (Date.now() - heard < SILENCE) return;
        heard = Date.now();
        this.check();
      }, 5_000);
      await closed;
      clearInterval(watch);
      this.socket = null;
      if (Date.now() - since < 2_000 && !this.restarted) this.socketsFrom = Date.now() + SOCKET_REST;
      return true;
    }

    #pause(milliseconds) {
      return new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, milliseconds);
      });
    }
  }

  // The messages on the screen ---------------------------------------------------------------------------------------

  class Log {
    /** `press(record, button)` is called for a quick reply, `fetchFile(attachment)` gives a Blob. */
    constructor({ press, fetchFile, texts }) {
      Object.assign(this, { press, fetchFile, texts });
      this.records = []; // in order; a record without `seq` is not confirmed yet and stands at the end
      this.newest = 0;
      this.node = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: "0" });
      this.end = el("div", { class: "end" });
      this.node.append(this.end);
      this.stuck = true; // at the end: stays there when the composer grows or a picture arrives
      this.node.addEventListener("scroll", () => (this.stuck = this.atEnd()));
      new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.node);
    }

    /** Show messages from the server; those known already are left alone. Gives the new ones. */
    receive(messages) {
      const fresh = messages.filter((message) => this.#receive(message));
      if (fresh.length) this.refresh();
      return fresh;
    }

    /** Show what the customer has just sent. */
    pending(item) {
      const message = { author: "customer", text: item.text, at: item.at, attachments: [], buttons: [] };
      this.#place({ message, item, seq: null });
      this.refresh();
    }

    /** The server confirmed an item as message `seq`. */
    sent(item, seq) {
      const record = this.records.find((one) => one.item === item);
      const shown = this.records.find((one) => one.seq === seq);
      if (record && record.seq === null) {
        if (shown) this.#remove(record);
        else this.#move(record, seq);
      }
      this.refresh();
    }

    refused(item) {
      const record = this.records.find((one) => one.item === item && one.seq === null);
      if (record) this.#remove(record);
      this.refresh();
    }

    /** The last question that offered this payload. */
    offering(payload) {
      return [...this.records].reverse().find((one) => one.message.buttons.some((button) => button.payload === payload));
    }

    clear() {
      for (const record of [...this.records]) this.#remove(record);
      this.newest = 0;
    }

    /** Names, days, times, states and buttons, in the language chosen now. */
    refresh() {
      const t = this.texts();
      const latest = [...this.records].reverse().find((record) => record.message.buttons.length);
      let before = null;
      for (const record of this.records) {
        const { message, parts } = record;
        const at = new Date(message.at);
        const day = this.#day(at);
        const follows = before && before.day === day && before.author === message.author && before.name === message.author_name;
        put(parts.day, !before || before.day !== day ? day : "");
        put(parts.who, this.author(message));
        parts.head.classList.toggle("quiet", Boolean(follows));
        put(parts.time, at.toLocaleTimeString(t.tag, { hour: "2-digit", minute: "2-digit" }));
        parts.time.dateTime = message.at;
        put(parts.status, record.seq === null ? t.sending : "");
        for (const [node, file] of record.files || []) node.title = file.id ? fill(t.open, file) : file.name;
        if (parts.choices) this.#refreshChoices(record, record === latest);
        before = { day, author: message.author, name: message.author_name };
      }
      this.node.setAttribute("aria-label", t.log);
    }

    /** The author as it stands above a bubble. */
    author({ author, author_name: name }) {
      const t = this.texts();
      if (author === "customer") return t.you;
      if (author === "bot") return t.ai;
      return author === "staff" ? name || t.team : t.notice;
    }

    /** The person who writes now; null when nobody has written since the last handover. */
    person() {
      const last = [...this.records].reverse().find(({ message }) => message.author === "staff" || message.author === "system");
      return last && last.message.author === "staff" ? last.message.author_name : null;
    }

    atEnd() {
      return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
    }

    toEnd() {
      this.stuck = true;
      this.node.scrollTop = this.node.scrollHeight;
    }

    #receive(received) {
      const message = { buttons: [], attachments: [], ...received };
      this.newest = Math.max(this.newest, message.seq);
      const known = this.records.find((record) => record.seq === message.seq);
      if (known && (known.confirmed || !known.item)) return false;
      const mine = known || (message.author === "customer" && this.#awaited(message));
      if (!mine) {
        this.#place({ message, seq: message.seq, confirmed: true });
        return true;
      }
      mine.message = message;
      mine.confirmed = true;
      if (mine.seq === null) this.#move(mine, message.seq);
      if (mine.item.file) this.#fillFiles(mine);
      return true;
    }

    /** Our own message, back from the server before its confirmation: the bubble that is waiting for it. */
    #awaited(message) {
      const text = message.text.trim();
      return this.records.find(
        ({ item, seq }) =>
          item && seq === null && item.tried && item.text.trim() === text && Boolean(item.file) === message.attachments.length > 0,
      );
    }

    #place(record) {
      const { message, item } = record;
      const parts = {
        day: el("p", { class: "day" }),
        who: el("span", { class: "author" }),
        time: el("time"),
        status: el("p", { class: "status" }),
        files: el("div", { class: "files" }),
      };
      parts.head = el("p", { class: "head" }, parts.who, " ", parts.time);
      record.parts = parts;
      record.node = el("div", { class: "message", "data-ek": "message", "data-author": message.author }, parts.day, parts.head);
      const bubble = el("div", { class: "bubble" }, parts.files);
      if (message.text) bubble.append(el("p", { class: "text", dir: "auto" }, ...linked(message.text)));
      record.node.append(bubble, parts.status);
      if (message.buttons.length) this.#addChoices(record);
      if (message.attachments.length || (item && item.file)) this.#fillFiles(record);
      this.#insert(record);
    }

    #insert(record) {
      const order = record.seq === null ? Infinity : record.seq;
      const later = record.seq === null ? -1 : this.records.findIndex((one) => one.seq === null || one.seq > order);
      const at = later < 0 ? this.records.length : later;
      const next = at < this.records.length ? this.records[at].node : this.end;
      this.records.splice(at, 0, record);
      if (record.node.nextSibling !== next) next.before(record.node);
      if (record.seq !== null) record.node.dataset.seq = record.seq;
    }

    #move(record, seq) {
      this.records.splice(this.records.indexOf(record), 1);
      record.seq = seq;
      this.#insert(record);
    }

    #remove(record) {
      this.records.splice(this.records.indexOf(record), 1);
      record.node.remove();
    }

    #addChoices(record) {
      record.parts.choices = el("div", { class: "choices", role: "group" });
      for (const button of record.message.buttons) {
        const node = el("button", { type: "button", class: "choice", "data-ek": "quick-reply", click: () => this.press(record, button) });
        record.parts.choices.append(node);
      }
      record.node.append(record.parts.choices);
    }

    /** An offer's buttons stay until used; a question's end with the next question (as the server sees it, too). */
    #refreshChoices(record, latest) {
      const t = this.texts();
      record.parts.choices.setAttribute("aria-label", t.choices);
      [...record.parts.choices.children].forEach((node, index) => {
        const { title, payload } = record.message.buttons[index];
        const chosen = record.used === payload;
        node.disabled = record.used !== undefined || !(latest || payload.includes("offer"));
        node.classList.toggle("chosen", chosen);
        const shown = `${chosen} ${t.tag}`;
        if (node.dataset.shown === shown) return;
        node.dataset.shown = shown;
        node.replaceChildren(...(chosen ? [icon("nobody"), title, el("span", { class: "unseen" }, ` (${t.chosen})`)] : [title]));
      });
    }

    async #fillFiles(record) {
      const { message, item, parts } = record;
      const files = message.attachments.length ? message.attachments : [{ name: item.file.name, type: item.file.type }];
      const nodes = files.map((file) => {
        const node = el("button", { type: "button", class: "file" }, icon("file"), file.name);
        node.disabled = !file.id;
        node.addEventListener("click", () => this.#download(file));
        return node;
      });
      record.files = nodes.map((node, index) => [node, files[index]]);
      parts.files.replaceChildren(...nodes);
      for (const [index, file] of files.entries()) {
        if (!/^image\//.test(file.type)) continue;
        try {
          const blob = item && item.file ? item.file : await this.fetchFile(file);
          nodes[index].replaceChildren(await thumbnail(blob, file.name));
          if (this.stuck) this.toEnd();
        } catch {
          // A format this browser cannot draw, or no network: the name stays.
        }
      }
    }

    async #download(file) {
      try {
        save(await this.fetchFile(file), file.name);
      } catch {
        this.onFileTrouble();
      }
    }

    #day(at) {
      const t = this.texts();
      const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
      const days = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
      if (days === 0) return t.today;
      return days === 1 ? t.yesterday : at.toLocaleDateString(t.tag, { weekday: "long", day: "numeric", month: "long" });
    }
  }

  // The panel around them --------------------------------------------------------------------------------------------

  class Panel {
    constructor({ log, company, privacy, locale, on }) {
      Object.assign(this, { log, company, on });
      this.files = [];
      this.translations = [];
      this.holder = "bot";
      this.typing = false;
      this.#build(privacy);
      this.translate(locale);
    }

    get t() {
      return TEXTS[this.locale];
    }

    translate(locale) {
      this.locale = locale;
      this.node.lang = locale;
      for (const apply of this.translations) apply(this.t);
      for (const node of this.languages.children) node.setAttribute("aria-pressed", String(node.lang === locale));
      this.speak(this.holder, this.typing);
    }

    /** Who speaks and who is writing. */
    speak(holder, typing) {
      Object.assign(this, { holder, typing });
      const person = this.log.person() || this.t.team;
      const names = { bot: this.t.ai, queue: this.t.queue, staff: person, nobody: this.t.nobody };
      const icons = { bot: "bot", queue: "queue", staff: "person", nobody: "nobody" };
      const name = names[holder] || names.bot;
      if (this.speaker.textContent !== name) this.speaker.replaceChildren(icon(icons[holder] || "bot"), el("span", {}, name));
      const writer = typing === true ? (holder === "staff" ? "staff" : "bot") : typing;
      const who = writer === "staff" ? person : this.t.ai;
      this.writing.hidden = !writer;
      this.writingText.textContent = writer ? fill(this.t.typing, { who }) : "";
      const human = holder === "queue" || holder === "staff";
      if (human && !this.human.hidden && this.node.getRootNode().activeElement === this.human) this.input.focus();
      this.human.hidden = human;
    }

    /** A sentence above the composer, until it is closed or replaced. */
    note(text) {
      this.noteText.textContent = text;
      this.noteBox.hidden = !text;
    }

    offline(yes) {
      this.offlineNote.textContent = yes ? this.t.offline : "";
      this.isOffline = yes;
    }

    loading(yes) {
      this.log.node.setAttribute("aria-busy", String(yes));
      this.loadingNote.hidden = !yes;
    }

    newer(yes) {
      this.newerButton.hidden = !yes;
    }

    /** Give text back to the composer, before what is there. */
    restore(text) {
      this.input.value = [text, this.input.value].filter(Boolean).join("\n");
      this.#grow();
      this.on.draft(this.input.value);
    }

    /** Take what is in the composer. */
    take() {
      const taken = { text: this.input.value.trim(), files: this.files };
      this.input.value = "";
      this.files = [];
      this.#showFiles();
      this.#grow();
      this.on.draft("");
      return taken;
    }

    addFiles(files) {
      this.files = [...this.files, ...files];
      this.#showFiles();
    }

    // A phone's keyboard covers the page without resizing it: follow the part that is visible.
    fit() {
      const view = window.visualViewport;
      const full = getComputedStyle(this.node).getPropertyValue("--full").trim() === "1";
      const covered = full && view && view.scale < 1.05 && window.innerHeight - view.height > 40;
      this.node.style.height = covered ? `${view.height}px` : "";
      this.node.style.top = covered ? `${view.offsetTop}px` : "";
    }

    #say(node, key, where = "textContent") {
      this.translations.push((t) => {
        const text = fill(t[key], { company: this.company || t.service });
        if (where === "textContent" || where === "placeholder") node[where] = text;
        else node.setAttribute(where, text);
      });
      return node;
    }

    #button(name, key, hook, click) {
      const node = el("button", { type: "button", class: "tool", "data-ek": hook, click }, icon(name));
      this.#say(node, key, "aria-label");
      return this.#say(node, key, "title");
    }

    #build(privacy) {
      const { on } = this;
      this.node = el("section", { class: "panel", role: "dialog", id: "ek-panel", hidden: true, keydown: (event) => this.#key(event) });
      this.#say(this.node, "panel", "aria-label");
      this.node.append(this.#header(), this.#middle(), this.#composer(privacy));
      this.translations.push(() => this.log.refresh(), () => this.offline(this.isOffline), () => this.#showFiles());
      if (window.visualViewport) window.visualViewport.addEventListener("resize", () => this.fit());
      this.node.addEventListener("paste", (event) => {
        const files = [...event.clipboardData.files];
        if (files.length) event.preventDefault();
        this.addFiles(files);
      });
      this.log.node.addEventListener("scroll", () => this.log.atEnd() && on.read());
    }

    #header() {
      const name = el("h2", { class: "company" });
      const initial = el("span", { class: "initial", "aria-hidden": "true" });
      this.translations.push((t) => {
        name.textContent = this.company || t.service;
        initial.textContent = [...name.textContent][0].toUpperCase();
      });
      this.speaker = el("p", { class: "speaker", "data-ek": "speaker", role: "status" });
      return el(
        "div",
        { class: "header" },
        initial,
        el("div", { class: "title" }, name, this.speaker),
        this.#button("transcript", "transcript", "transcript", this.on.transcript),
        this.#button("close", "close", "close", this.on.close),
      );
    }

    #middle() {
      this.loadingNote = this.#say(el("p", { class: "loading", hidden: true }), "loading");
      this.writingText = el("span");
      this.writing = el(
        "p",
        { class: "writing", "data-ek": "typing", hidden: true },
        el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
        this.writingText,
      );
      const newerText = this.#say(el("span"), "newer");
      this.newerButton = el("button", { type: "button", class: "newer", hidden: true, click: () => this.on.read(true) }, icon("down"), newerText);
      return el("div", { class: "middle" }, this.loadingNote, this.log.node, this.newerButton, this.writing);
    }

    #composer(privacy) {
      const { on } = this;
      this.offlineNote = el("p", { class: "note offline", role: "status", "data-ek": "offline" });
      this.noteText = el("span", { role: "status" });
      this.noteBox = el("div", { class: "note", "data-ek": "note", hidden: true }, this.noteText);
      this.noteBox.append(this.#button("close", "dismiss", "dismiss", () => (this.note(""), this.input.focus())));
      this.previews = this.#say(el("ul", { class: "previews", hidden: true }), "previews", "aria-label");
      this.input = el("textarea", { class: "input", "data-ek": "input", rows: "1", dir: "auto", enterkeyhint: "send", input: () => this.#typed() });
      this.#say(this.input, "input", "aria-label");
      this.#say(this.input, "placeholder", "placeholder");
      this.picker = el("input", { type: "file", accept: "image/*,application/pdf", multiple: true, hidden: true, "data-ek": "file" });
      this.picker.addEventListener("change", () => {
        this.addFiles([...this.picker.files]);
        this.picker.value = "";
        this.input.focus();
      });
      const photo = this.#button("photo", "photo", "photo", () => this.picker.click());
      const send = this.#button("send", "send", "send", on.send);
      send.classList.add("send");
      const humanText = this.#say(el("span"), "human");
      this.human = el("button", { type: "button", class: "human", "data-ek": "human", click: on.human }, icon("person"), humanText);
      this.languages = this.#say(el("div", { class: "languages", role: "group" }), "language", "aria-label");
      for (const locale of Object.keys(TEXTS)) {
        const name = `${locale.toUpperCase()} – ${TEXTS[locale].name}`;
        const choose = { type: "button", lang: locale, "aria-label": name, "data-ek": `locale-${locale}`, click: () => on.locale(locale) };
        this.languages.append(el("button", choose, locale.toUpperCase()));
      }
      const foot = el("div", { class: "foot" }, this.human, el("span", { class: "gap" }), this.languages);
      if (privacy) foot.append(this.#say(el("a", { href: privacy, target: "_blank", rel: "noopener", class: "privacy" }), "privacy"));
      const row = el("div", { class: "row" }, photo, this.input, send, this.picker);
      return el("div", { class: "composer" }, this.offlineNote, this.noteBox, this.previews, row, foot);
    }

    #key(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        this.on.close();
      } else if (event.key === "Enter" && event.target === this.input && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.on.send();
      }
    }

    #typed() {
      this.#grow();
      this.on.draft(this.input.value);
    }

    #grow() {
      this.input.style.height = "auto";
      if (this.input.value) this.input.style.height = `${this.input.scrollHeight + 2}px`;
    }

    #showFiles() {
      this.previews.hidden = !this.files.length;
      this.previews.replaceChildren(...this.files.map((file) => this.#preview(file)));
    }

    #preview(file) {
      const picture = el("span", { class: "thumb" }, icon("file"));
      const drop = el("button", { type: "button", class: "tool", "aria-label": fill(this.t.remove, file) }, icon("close"));
      drop.addEventListener("click", () => {
        this.files = this.files.filter((other) => other !== file);
        this.#showFiles();
        this.input.focus();
      });
      if (/^image\//.test(file.type)) {
        const drawn = (canvas) => picture.replaceChildren(canvas);
        thumbnail(file, file.name).then(drawn, () => {}); // a format this browser cannot draw keeps the icon
      }
      return el("li", { class: "preview", "data-ek": "preview" }, picture, el("span", { class: "filename" }, file.name), drop);
    }
  }

  // Together ---------------------------------------------------------------------------------------------------------

  class Chat {
    constructor({ root, server, store, locale, company, privacy, onClose, onLocale, onUnread }) {
      Object.assign(this, { store, onClose, onLocale, onUnread });
      this.unread = 0;
      this.started = false;
      this.api = new Api(server);
      this.session = new Session(this.api, store);
      this.log = new Log({
        press: (record, button) => this.#press(record, button),
        fetchFile: (file) => this.#fetchFile(file),
        texts: () => TEXTS[this.panel ? this.panel.locale : locale],
      });
      this.log.onFileTrouble = () => this.panel.note(this.panel.t.trouble);
      this.outbox = new Outbox({
        store,
        send: (item) => this.#send(item),
        onSent: (item, seq) => this.#sent(item, seq),
        onRefused: (item, error) => this.#refused(item, error),
        onTrouble: (error) => this.#trouble(error),
      });
      this.live = new Live({
        api: this.api,
        session: this.session,
        seq: () => this.log.newest,
        ensure: () => this.#ensure(),
        onNews: (news) => this.#news(news),
        onOnline: (yes) => this.#online(yes),
        onError: (error) => this.#trouble(error),
      });
      this.panel = new Panel({ log: this.log, company, privacy, locale, on: this.#actions() });
      root.append(el("div", { class: "ek" }, this.panel.node));
      this.#watch();
    }

    open() {
      this.isOpen = true;
      this.panel.node.hidden = false;
      this.panel.fit();
      this.panel.input.focus();
      if (!this.started) this.#start();
      this.#read(true);
    }

    close() {
      if (!this.isOpen) return;
      this.isOpen = false;
      this.panel.node.hidden = true;
      this.onClose();
    }

    #start() {
      this.started = true;
      this.panel.restore(this.#draft() || "");
      for (const item of this.outbox.items) this.log.pending(item);
      this.panel.loading(true);
      this.live.run();
      this.outbox.drain();
    }

    #actions() {
      return {
        close: () => this.close(),
        send: () => this.#submit(),
        human: () => this.#human(),
        locale: (locale) => {
          this.panel.translate(locale);
          this.onLocale(locale);
        },
        transcript: () => this.#transcript(),
        draft: (text) => this.#draft(text),
        read: (jump) => this.#read(jump),
      };
    }

    #watch() {
      addEventListener("online", () => (this.live.check(), this.outbox.wake()));
      addEventListener("offline", () => this.#online(false));
      addEventListener("beforeunload", (event) => this.outbox.items.some((item) => item.file) && event.preventDefault());
      document.addEventListener("visibilitychange", () => document.hidden || !this.started || this.live.check());
      addEventListener("storage", ({ key, newValue }) => {
        if (!key || !key.startsWith(this.store.prefix) || !newValue) return;
        const name = key.slice(this.store.prefix.length);
        if (name === "token" && newValue !== this.session.token) this.#adopt(newValue);
        if (name === "pressed") this.#pressedElsewhere(JSON.parse(newValue));
        if (name === "locale" && newValue in TEXTS) this.panel.translate(newValue);
      });
    }

    // Out

    #submit() {
      const { text, files } = this.panel.take();
      // The words belong to the first picture: one message, one answer.
      files.forEach((file, index) => this.#post({ file, text: index ? "" : text }));
      if (text && !files.length) this.#post({ text });
      this.panel.input.focus();
    }

    #human() {
      const text = this.panel.t.humanText;
      if (this.outbox.items.some((item) => item.text === text)) return;
      this.#post({ text });
    }

    #press(record, button) {
      record.used = button.payload;
      this.store.set("pressed", JSON.stringify({ seq: record.seq, payload: button.payload }));
      this.log.refresh(); // the pressed button is disabled now: the focus needs a new place
      if (matchMedia("(pointer: fine)").matches) this.panel.input.focus();
      else this.log.node.focus();
      this.#post({ text: button.title, payload: button.payload });
    }

    /** After a reload: a button whose press is still on its way. */
    #use(payload) {
      const record = payload && this.log.offering(payload);
      if (!record || record.used !== undefined) return;
      record.used = payload;
      this.log.refresh();
    }

    #pressedElsewhere({ seq, payload }) {
      const record = this.log.records.find((one) => one.seq === seq);
      if (!record || record.used !== undefined) return;
      record.used = payload;
      this.log.refresh();
    }

    #post(what) {
      this.panel.note("");
      this.log.pending(this.outbox.add(what));
      this.log.toEnd();
      this.outbox.drain();
    }

    async #send(item) {
      await this.#ensure();
      const token = this.session.token;
      const { client_id, text, payload, file } = item;
      if (!file) return this.api.call("POST", "/chat/messages", { token, json: payload ? { payload, client_id } : { text, client_id } });
      const form = new FormData();
      form.append("file", file, file.name);
      form.append("client_id", client_id);
      if (text) form.append("text", text);
      return this.api.call("POST", "/chat/attachments", { token, form, seconds: 120 });
    }

    #sent(item, seq) {
      this.#online(true);
      this.log.sent(item, seq);
      setTimeout(() => this.log.newest < seq && this.live.check(), 3_000);
    }

    /** The server's sentence is shown; nothing the customer wrote is lost. */
    #refused(item, { status, message }) {
      this.log.refused(item);
      this.panel.note(message || this.panel.t.trouble);
      if (item.payload) {
        const record = this.log.offering(item.payload);
        if (record && status !== 409) record.used = undefined;
        this.log.refresh();
        return;
      }
      if (item.file && status === 429) this.panel.addFiles([item.file]);
      if (item.text && item.text !== TEXTS.de.humanText && item.text !== TEXTS.en.humanText) this.panel.restore(item.text);
    }

    // In

    async #ensure() {
      const messages = await this.session.ensure(this.panel.locale);
      if (messages.length) this.#news({ messages });
    }

    /** True when there was something new among the messages. */
    #news({ messages, holder, typing }) {
      const first = this.log.newest === 0;
      const stick = first || this.log.stuck;
      const fresh = this.log.receive(messages);
      for (const { payload } of this.outbox.items) this.#use(payload);
      if (holder) this.panel.speak(holder, typing);
      this.panel.loading(false);
      const foreign = fresh.filter((message) => message.author !== "customer").length;
      if (this.isOpen && stick) this.#read(true);
      else if (this.isOpen && foreign) this.panel.newer(true);
      if (!this.isOpen && foreign) this.onUnread((this.unread += foreign));
      return fresh.length > 0;
    }

    #read(jump) {
      if (!this.isOpen) return;
      if (jump) this.log.toEnd();
      this.panel.newer(false);
      this.unread = 0;
      this.onUnread(0);
      if (this.log.newest) this.store.set("read", String(this.log.newest));
    }

    #online(yes) {
      if (this.panel.isOffline !== !yes) this.panel.offline(!yes);
    }

    #trouble(error) {
      if (error instanceof Refused && error.status === 401 && error.token) this.#expire(error.token);
      else if (error instanceof Refused) this.panel.note(error.message || this.panel.t.trouble);
      else if (error instanceof Unreachable) this.#online(false);
      else console.error("erstkontakt:", error);
    }

    /** The token is no longer good: a new conversation. What was typed or not yet sent stays and goes there. */
    #expire(token) {
      if (this.session.token !== token) return;
      this.session.drop(token);
      this.panel.note(this.panel.t.expired);
      this.#anew();
    }

    /** Another tab has a new conversation: join it. */
    #adopt(token) {
      this.session.token = token;
      if (this.started) this.#anew();
    }

    #anew() {
      this.outbox.dropPayloads();
      this.log.clear();
      for (const item of this.outbox.items) this.log.pending(item);
      this.live.again();
    }

    // Files and the draft

    async #fetchFile(file) {
      const url = new URL(file.url || `/chat/attachments/${encodeURIComponent(file.id)}`, `${this.api.server}/`);
      if (!file.url) url.href = `${this.api.server}/chat/attachments/${encodeURIComponent(file.id)}`;
      if (!/^https?:$/.test(url.protocol)) throw new Unreachable("not a web address");
      const ours = url.origin === new URL(this.api.server).origin;
      return this.api.call("GET", url.href, { token: ours && this.session.token, seconds: 60 });
    }

    async #transcript() {
      try {
        await this.#ensure();
        const file = await this.api.call("GET", "/chat/transcript", { token: this.session.token });
        save(file, `${this.panel.t.transcriptFile}-${new Date().toISOString().slice(0, 10)}.txt`);
      } catch (error) {
        this.panel.note(this.panel.t.trouble);
        this.#trouble(error);
      }
    }

    /** The unsent text of this tab: given, it is kept over a reload; without, it is read. */
    #draft(text) {
      try {
        if (text === undefined) return sessionStorage.getItem(`${this.store.prefix}draft`);
        sessionStorage.setItem(`${this.store.prefix}draft`, text);
      } catch {
        // Storage is forbidden here: the draft lives in the composer only.
      }
      return text;
    }
  }

  for (const [locale, texts] of Object.entries(TEXTS)) texts.tag = locale === "de" ? "de-DE" : "en-GB";
  window.erstkontakt.build = (options) => new Chat(options);
})();
