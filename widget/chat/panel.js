/* Header, notes, composer. */

import { isTooBig, shrunk, thumbnail } from "./files.js";
import { Menu } from "./menu.js";
import { el, fill, icon } from "./nodes.js";
import { TEXTS } from "./texts.js";

export class Panel {
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

  /** Whether the transcript can be sent by e-mail. */
  mailable(yes) {
    this.menu.entry("mail").hidden = !yes;
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

  /** Put files beside the text; a photo that is too big is made smaller first. */
  addFiles(files) {
    this.files = [...this.files, ...files.filter((file) => !isTooBig(file))];
    this.#showFiles();
    for (const file of files.filter(isTooBig)) this.#addBig(file);
  }

  /** The form that asks how it was. */
  async rate(send) {
    const { ratingForm } = await import("./rating.js");
    this.ratingBox.replaceChildren(
      ratingForm({
        say: (...what) => this.#say(...what),
        send,
        done: () => this.rated(),
      }),
    );
    this.ratingBox.querySelector("input").focus();
  }

  /** The form has done its work. */
  rated() {
    this.ratingBox.replaceChildren();
    this.input.focus();
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
    const apply = (t) => {
      const text = fill(t[key], { company: this.company || t.service });
      if (where === "textContent" || where === "placeholder") node[where] = text;
      else node.setAttribute(where, text);
    };
    this.translations.push(apply);
    if (this.locale) apply(this.t); // built later than the rest
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
    this.menu = new Menu({
      say: (...what) => this.#say(...what),
      entries: [
        ["transcript", "transcript", "transcript", this.on.transcript],
        ["mail", "mail", "mail", this.on.mail],
        ["nobody", "end", "end", this.on.end],
      ],
    });
    this.mailable(false);
    return el(
      "div",
      { class: "header" },
      initial,
      el("div", { class: "title" }, name, this.speaker),
      this.menu.node,
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
    this.ratingBox = el("div");
    return el("div", { class: "composer" }, this.ratingBox, this.offlineNote, this.noteBox, this.previews, row, foot);
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

  async #addBig(file) {
    try {
      if (!/^image\//.test(file.type)) throw new Error("not a picture");
      this.note(fill(this.t.shrinking, file));
      this.files = [...this.files, await shrunk(file)];
      this.note("");
      this.#showFiles();
    } catch {
      this.note(fill(this.t.tooBig, file));
    }
  }

  #typed() {
    this.#grow();
    this.on.draft(this.input.value);
    if (this.input.value.trim()) this.on.typing();
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
