/*
 * erstkontakt: the chat itself, fetched by widget.js when a customer opens it. Here everything is wired together.
 *
 *   api        one request, one named error
 *   session    the token: one per browser, shared by all tabs
 *   outbox     what the customer sent and the server has not confirmed: kept, retried, never doubled
 *   live       news from the server: WebSocket, else long polling
 *   log        the messages on the screen, in the order of their `seq`
 *   panel      header, notes, composer
 *   keepsakes  what remains of a conversation: transcript, end, rating
 *
 * Everything a customer, a bot or a member of staff wrote reaches the page as a text node, never as HTML.
 */

import { Api, Refused, Unreachable } from "./api.js";
import { Keepsakes } from "./keepsakes.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { el } from "./nodes.js";
import { Outbox } from "./outbox.js";
import { companyOf, privacyOf } from "./page.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { adopt, TEXTS } from "./texts.js";

const TYPING_EVERY = 3_000; // ms between two signs that the customer is writing; the server lets one last for 5 s

/** The chat in a shadow root, closed at first; widget.js gives what it knows of the page. */
export function build(options) {
  return new Chat(options);
}

class Chat {
  constructor({ root, script, server, store, own, locale, onClose, onLocale, onUnread }) {
    adopt(own);
    Object.assign(this, { store, onClose, onLocale, onUnread });
    this.unread = 0;
    this.started = false;
    this.typingTold = 0;
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
    const page = { company: companyOf(script), privacy: privacyOf(script) };
    this.panel = new Panel({ log: this.log, ...page, locale, on: this.#actions() });
    this.keepsakes = new Keepsakes({
      panel: this.panel,
      call: (method, path, json) => this.#call(method, path, json),
      ended: () => this.live.check(),
      trouble: (error) => this.#trouble(error),
    });
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
      locale: (locale) => this.#speakIn(locale),
      transcript: () => this.keepsakes.download(),
      mail: () => this.keepsakes.mail(),
      end: () => this.keepsakes.end(),
      draft: (text) => this.#draft(text),
      typing: () => this.#typing(),
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

  /** The interface changes at once; whoever answers is asked to follow, once there is a conversation. */
  #speakIn(locale) {
    if (locale === this.panel.locale) return;
    this.panel.translate(locale);
    this.onLocale(locale);
    if (this.log.records.some(({ message }) => message.author === "customer")) this.#post({ text: this.panel.t.languageText });
  }

  #press(record, button) {
    record.used = button.payload;
    this.store.set("pressed", JSON.stringify({ seq: record.seq, payload: button.payload }));
    this.log.refresh(); // the pressed button is disabled now: the focus needs a new place
    if (matchMedia("(pointer: fine)").matches) this.panel.input.focus();
    else this.log.node.focus();
    this.#post({ text: button.title, payload: button.payload });
  }

  /** People see that the customer is writing, not what; the bot has no use for it. */
  #typing() {
    const people = this.panel.holder === "staff" || this.panel.holder === "queue";
    if (!people || !this.session.token || Date.now() - this.typingTold < TYPING_EVERY) return;
    this.typingTold = Date.now();
    this.api.call("POST", "/chat/typing", { token: this.session.token }).catch(() => {}); // only a courtesy
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
    this.typingTold = 0;
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
    const ours = Object.values(TEXTS).some((t) => item.text === t.humanText || item.text === t.languageText);
    if (item.text && !ours) this.panel.restore(item.text);
  }

  async #call(method, path, json) {
    await this.#ensure();
    return this.api.call(method, path, { token: this.session.token, json });
  }

  // In

  async #ensure() {
    const messages = await this.session.ensure(this.panel.locale);
    if (messages.length) this.#news({ messages });
  }

  /** True when there was something new among the messages. */
  #news({ messages, edits, erased, holder, typing, mail }) {
    const first = this.log.newest === 0;
    const stick = first || this.log.stuck;
    const fresh = this.log.receive(messages);
    if (edits) this.log.change(edits);
    if (erased) this.log.forget(erased);
    for (const { payload } of this.outbox.items) this.#use(payload);
    if (holder) this.panel.speak(holder, typing);
    if (mail !== undefined) this.panel.mailable(mail);
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
