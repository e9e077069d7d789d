/* How was it? A form above the composer, fetched when a customer ends the chat. */

import { el } from "./nodes.js";

const SCORES = [1, 2, 3, 4, 5];

/** `say(node, key, attribute)` keeps a text in the language chosen; `send({ score, words })` and `done()` are called. */
export function ratingForm({ say, send, done }) {
  const missing = el("p", { class: "missing", role: "alert" });
  const words = say(el("textarea", { class: "input", rows: "2", maxlength: "2000", dir: "auto", "data-ek": "rating-words" }), "rateWords", "aria-label");
  say(words, "rateWords", "placeholder");
  const scores = SCORES.map((score) => {
    const radio = el("input", { type: "radio", name: "ek-score", value: score, "data-ek": `rating-${score}`, change: () => missing.replaceChildren() });
    const label = el("label", { class: "score" }, radio, el("span", {}, String(score)));
    if (score === 1) label.append(say(el("span", { class: "unseen" }), "rateLow"));
    if (score === 5) label.append(say(el("span", { class: "unseen" }), "rateHigh"));
    return label;
  });
  const ends = el("p", { class: "ends", "aria-hidden": "true" }, say(el("span"), "rateLow"), say(el("span"), "rateHigh"));
  const form = el(
    "form",
    { class: "rating", "data-ek": "rating", novalidate: true },
    el("fieldset", {}, say(el("legend"), "rate"), el("div", { class: "scores" }, ...scores), ends, missing),
    words,
    el(
      "div",
      { class: "rating-buttons" },
      say(el("button", { type: "submit", class: "choice solid", "data-ek": "rating-send" }), "rateSend"),
      say(el("button", { type: "button", class: "choice", "data-ek": "rating-skip", click: done }), "rateSkip"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (chosen) return send({ score: Number(chosen.value), words: words.value.trim() });
    missing.replaceChildren(say(el("span"), "rateMissing"));
    form.querySelector("input").focus();
  });
  return form;
}
