// While an example is written: its nearest neighbours, as the server shows them; a category for complaints only.

const form = document.querySelector("[data-similar]");
const place = document.querySelector("[data-neighbours]");
const { text, intent, category, language } = form.elements;
let timer = 0;
let asked = 0;

async function look() {
  const number = ++asked;
  const query = new URLSearchParams({ text: text.value, intent: intent.value, language: language.value });
  if (intent.value === "complain") query.set("category", category.value);
  try {
    const answer = await fetch(`${form.dataset.similar}?${query}`);
    const html = await answer.text();
    if (answer.ok && number === asked) place.innerHTML = html; // escaped by the server's templates
  } catch {
    // no connection: saving will say so
  }
}

function changed() {
  category.disabled = intent.value !== "complain";
  category.required = !category.disabled;
  clearTimeout(timer);
  timer = setTimeout(look, 350);
}

for (const field of [text, intent, category, language]) field.addEventListener("input", changed);
changed();
