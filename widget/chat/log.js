/* The messages on the screen, in the order of their `seq`. */

import { save, thumbnail } from "./files.js";
import { el, fill, icon, linked, put } from "./nodes.js";

export class Log {
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

  /** Somebody has changed the words of messages that stand here. */
  change(edits) {
    for (const { seq, text } of edits) {
      const record = this.records.find((one) => one.seq === seq);
      if (!record || record.message.text === text) continue;
      Object.assign(record.message, { text, edited: true });
      const words = record.node.querySelector(".text");
      if (words) words.replaceChildren(...linked(text));
      this.refresh();
    }
  }

  /** What was erased does not stay on the screen either. */
  forget(ranges) {
    const gone = this.records.filter(({ seq }) => seq !== null && ranges.some(({ from, to }) => from <= seq && seq <= to));
    if (!gone.length) return;
    const focused = this.node.getRootNode().activeElement;
    for (const record of gone) this.#remove(record);
    if (focused && !focused.isConnected) this.node.focus(); // it was in what is gone
    this.refresh();
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
      put(parts.status, record.seq === null ? t.sending : message.edited ? t.edited : "");
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
