// A list that opens while writing: `/` at the start of a line for text modules, `@` for colleagues in notes.
// The list belongs to the text field (aria-controls, aria-activedescendant): focus never leaves it.

import { announce } from "./desk.js";

const SHOWN = 6; // of a longer list the part around the chosen one: nothing needs to be scrolled

let made = 0;

export class Picker {
  // `start`: a pattern whose group 1 is what stands before the sign and group 2 what is looked for, up to the caret.
  // `options(looked, choice)`: [{label, detail, text}], asked each time. `title(choice)`: the heading of the list.
  constructor(field, { start, options, title, keys, none, choices = [""], choice = () => choices[0] }) {
    Object.assign(this, { field, start, options, title, none, choices, usual: choice, open: false, found: [], at: 0 });
    const id = `picker-${++made}`;
    this.box = document.createElement("div");
    this.box.className = "picker card";
    this.box.hidden = true;
    this.head = document.createElement("p");
    this.head.className = "picker-head";
    this.list = document.createElement("ul");
    this.list.id = id;
    this.list.setAttribute("role", "listbox");
    const hint = document.createElement("p");
    hint.className = "muted";
    hint.textContent = keys;
    this.box.append(this.head, this.list, hint);
    field.before(this.box);
    field.setAttribute("aria-controls", id);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.addEventListener("input", () => this.look());
    field.addEventListener("blur", () => this.close());
    // Before any other listener: Enter chooses here and does not send.
    field.addEventListener("keydown", (event) => this.key(event), true);
    this.box.addEventListener("pointerdown", (event) => event.preventDefault()); // focus stays in the text
    this.box.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(Number(item.dataset.at));
      if (event.target.closest("[data-other]")) this.turn(1);
    });
  }

  // As if the sign had been typed: for a button.
  begin(sign) {
    const { field } = this;
    field.focus();
    const before = field.value.slice(0, field.selectionStart);
    field.setRangeText((before && !before.endsWith("\n") ? "\n" : "") + sign, field.selectionStart, field.selectionEnd, "end");
    this.look();
  }

  async look() {
    const written = this.field.value.slice(0, this.field.selectionStart).match(this.start);
    if (!written) return this.close();
    if (!this.open) this.choice = this.usual();
    this.from = written.index + written[1].length;
    const asked = (this.asked = {});
    const found = await this.options(written[2], this.choice);
    if (asked !== this.asked) return;
    this.found = found;
    this.show();
  }

  show() {
    const { list, found } = this;
    this.open = true;
    this.at = this.first = 0;
    this.head.textContent = this.title(this.choice);
    list.setAttribute("aria-label", this.title(this.choice));
    if (this.choices.length > 1) {
      const other = document.createElement("button");
      other.type = "button";
      other.tabIndex = -1; // ← and → do the same
      other.dataset.other = "";
      other.textContent = this.title(this.choices[(this.choices.indexOf(this.choice) + 1) % this.choices.length]);
      this.head.append(other);
    }
    list.replaceChildren(
      ...found.map(({ label, detail }, at) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${at}`;
        item.dataset.at = at;
        item.setAttribute("role", "option");
        item.setAttribute("aria-posinset", at + 1);
        item.setAttribute("aria-setsize", found.length);
        const name = document.createElement("b");
        name.textContent = label;
        item.append(name);
        if (detail) {
          const more = document.createElement("span");
          more.className = "muted";
          more.textContent = detail;
          item.append(" ", more);
        }
        return item;
      }),
    );
    this.box.hidden = false;
    if (!found.length) {
      this.head.append(` – ${this.none}`);
      this.field.removeAttribute("aria-activedescendant");
      announce(this.none);
    } else this.mark(0);
  }

  mark(at) {
    const items = [...this.list.children];
    this.at = (at + items.length) % items.length;
    const first = Math.min(Math.max(this.at - SHOWN + 1, this.first ?? 0), this.at);
    this.first = first;
    items.forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === this.at));
      item.hidden = index < first || index >= first + SHOWN;
    });
    this.field.setAttribute("aria-activedescendant", items[this.at].id);
  }

  turn(by) {
    const { choices } = this;
    this.choice = choices[(choices.indexOf(this.choice) + by + choices.length) % choices.length];
    this.look();
  }

  key(event) {
    if (!this.open || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { found } = this;
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowDown" && found.length) this.mark(this.at + 1);
    else if (event.key === "ArrowUp" && found.length) this.mark(this.at - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && found.length) this.choose(this.at);
    else if (event.key === "ArrowLeft" && this.choices.length > 1) this.turn(-1);
    else if (event.key === "ArrowRight" && this.choices.length > 1) this.turn(1);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  choose(at) {
    const { field, from } = this;
    const { text } = this.found[at];
    this.close();
    field.setRangeText(text, from, field.selectionStart, "end");
    const gap = /\[\[[^\]\n]+\]\]/.exec(field.value.slice(from, from + text.length)); // the first one, to type over
    if (gap) field.setSelectionRange(from + gap.index, from + gap.index + gap[0].length);
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    this.asked = null;
    this.open = false;
    this.box.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }
}

const matches = (looked, ...texts) => texts.some((text) => text.toLowerCase().includes(looked.trim().toLowerCase()));

// Text modules for what the customer reads; filled by the server, fetched once per language and asked again after news.
export function modules(field, base, words, language) {
  const known = {};
  const picker = new Picker(field, {
    start: /(^|\n)\/([^\n/]{0,40})$/,
    options: async (looked, choice) => {
      known[choice] ??= fetch(`${base}/modules?language=${choice}`, { headers: { Accept: "application/json" } }).then((a) => a.json());
      const answer = await known[choice].catch(() => ({ modules: [] }));
      return (answer.modules ?? [])
        .filter(({ id, name, text }) => matches(looked, id, name, text))
        .map(({ name, text }) => ({ label: name, detail: text, text }));
    },
    title: (choice) => words[`modules_in_${choice}`],
    keys: words.modules_keys,
    none: words.modules_none,
    choices: ["de", "en"],
    choice: language,
  });
  picker.forget = () => {
    for (const name of Object.keys(known)) delete known[name];
  };
  return picker;
}

export function colleagues(field, base, words) {
  let known = null;
  return new Picker(field, {
    start: /(^|[\s(])@([^\s@]{0,40})$/,
    options: async (looked) => {
      known ??= fetch(`${base}/colleagues`, { headers: { Accept: "application/json" } }).then((answer) => answer.json());
      const { names = [] } = await known.catch(() => ({}));
      return names.filter((name) => matches(looked, name)).map((name) => ({ label: name, text: `@${name} ` }));
    },
    title: () => words.mention_colleagues,
    keys: words.mention_keys,
    none: words.mention_nobody,
  });
}
