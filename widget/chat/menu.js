/* The menu in the header: a button that shows a list of buttons (no role=menu: Tab walks through, Escape closes). */

import { el, icon } from "./nodes.js";

export class Menu {
  /** `say(node, key, attribute)` keeps a text in the language chosen; entries are [icon, text key, hook, action]. */
  constructor({ say, entries }) {
    this.list = el("div", { class: "menu", id: "ek-menu", hidden: true, role: "group" });
    say(this.list, "menu", "aria-label");
    for (const [name, key, hook, act] of entries) {
      const press = () => (this.close(), act());
      this.list.append(el("button", { type: "button", "data-ek": hook, click: press }, icon(name), say(el("span"), key)));
    }
    const open = { type: "button", class: "tool", "data-ek": "menu", "aria-expanded": "false", "aria-controls": "ek-menu" };
    this.button = say(say(el("button", { ...open, click: () => this.#toggle() }, icon("menu")), "menu", "aria-label"), "menu", "title");
    this.node = el("div", { class: "with-menu" }, this.button, this.list);
    this.node.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.node.contains(relatedTarget) && this.close(false));
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.list.hidden) return;
      event.stopPropagation(); // the menu closes, not the chat
      this.close();
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  entry(hook) {
    return this.list.querySelector(`[data-ek=${hook}]`);
  }

  close(focus = true) {
    if (focus && this.isOpen) this.button.focus();
    this.#show(false);
  }

  #toggle() {
    this.#show(!this.isOpen);
    if (this.isOpen) this.list.firstElementChild.focus();
  }

  #show(yes) {
    this.list.hidden = !yes;
    this.button.setAttribute("aria-expanded", String(yes));
  }
}
