"""`python -m bot.training.parity`: German and English say the same, and nothing in data/ belongs to a real person.

Part of `make lint`; fast, without Rasa. Every finding is a line with its place and a remedy; none means 0.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from stdnum import iban

from bot import taxonomy
from bot.config import ROOT
from bot.training.examples import DATA, Example, entities, read
from bot.training.label import LANGUAGES, BadExample
from bot.training.masking import EMAIL, IBAN

DOMAIN = ROOT / "domain.yml"

_SAFE_DOMAINS = re.compile(r"(?:.+\.)?example(?:\.(?:org|com|net))?|.+\.(?:example|test|invalid)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

_DOCUMENTED_IBANS = frozenset(
    {
        "DE89370400440532013000", "DE02120300000000202051", "DE44500105175407324931", "DE75512108001245126199",
        "DE91100000000123456789", "DE02100500000054540402", "DE02500105170137075030", "DE21701500000012345678",
        "DE21700500000012345678", "AT611904300234573201", "AT483200000012345864", "CH9300762011623852957",
        "GB82WEST12345698765432", "GB29NWBK60161331926819", "GB33BUKB20201555555555", "IE29AIBK93115212345678",
        "IE64IRCE92050112345678", "FR1420041010050500013M02606", "NL91ABNA0417164300", "DE27100777770209299700",
    }
)  # fmt: skip
"""Accounts that banks and standards print as examples; nobody owns them."""


def findings(data: Path = DATA, domain: Path = DOMAIN, other_texts: Path | None = None) -> list[str]:
    """Everything that is wrong; `other_texts` is a folder with held-out messages and protected cases."""
    examples, problems = read(data)
    found = [str(problem) for problem in problems]
    found += _files(data, examples)
    found += _vocabulary(examples)
    found += _contradictions(examples)
    found += _personal((example.place, example.text) for example in examples)
    found += _responses(domain)
    if other_texts is not None:
        found += _kept_apart(examples, other_texts)
    return found


def _files(data: Path, examples: list[Example]) -> Iterator[str]:
    """The same files in both languages, one for each label of the taxonomy."""
    names = {language: {path.name for path in (data / language).glob("*.yml")} for language in LANGUAGES}
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for name in sorted(names[other] - names[language]):
            yield f"data/nlu/{language}/{name}: is missing - data/nlu/{other}/ has it; write it in both languages"
    wanted = {intent for intent in taxonomy.intents() if intent != "complain"}
    wanted |= {f"complain_{category}" for category in taxonomy.categories()}
    for language in LANGUAGES:
        labels = {example.label.name for example in examples if example.label.language == language}
        for name in sorted(wanted - labels):
            yield f"data/nlu/{language}/{name}.yml: no examples - taxonomy.yml has {name}; write some"


def _vocabulary(examples: list[Example]) -> Iterator[str]:
    """The same entities, flags and remedies are taught in both languages."""
    used: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in ("entity", "flag", "remedy")}
    for example in examples:
        language = example.label.language
        used["entity"][language].update(name for name, _surface in entities(example.marked))
        used["flag"][language].update(example.label.flags)
        used["remedy"][language].update(example.label.remedies)
    for kind, by_language in used.items():
        for language, other in (LANGUAGES, LANGUAGES[::-1]):
            for name in sorted(by_language[other] - by_language[language]):
                yield f"data/nlu/{language}: no example has the {kind} {name} - {other} has some; write some here too"


def _contradictions(examples: list[Example]) -> Iterator[str]:
    """No text stands under two labels of one language, and none twice."""
    first: dict[tuple[str, str], Example] = {}
    for example in examples:
        key = (example.label.language, _bare(example.text))
        before = first.setdefault(key, example)
        if before is not example:
            if before.label.name == example.label.name:
                yield f"{example.place}: {example.text!r} stands at {before.place} too - delete one of them"
            else:
                yield f"{example.place}: {example.text!r} is {before.label.name} at {before.place} - decide for one"


def _personal(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Sure signs of real people: e-mail addresses that can exist, IBANs whose check digits are right."""
    for place, text in texts:
        for address in EMAIL.findall(text):
            if not _SAFE_DOMAINS.fullmatch(address.rpartition("@")[2].rstrip(".")):
                yield f"{place}: {address} may belong to somebody - use an address at example.org"
        for account in IBAN.findall(text):
            compact = account.replace(" ", "").upper()
            if iban.is_valid(compact) and compact not in _DOCUMENTED_IBANS:
                yield f"{place}: {account} may be a real account - use DE89 3704 0044 0532 0130 00"


def _responses(domain: Path) -> Iterator[str]:
    """Every response in German, in English and without a condition, with the same placeholders and buttons."""
    try:
        responses = YAML(typ="safe").load(domain.read_text(encoding="utf-8"))["responses"]
    except (YAMLError, KeyError, TypeError) as error:
        yield f"{domain.name}: cannot be read ({' '.join(str(error).split())}) - repair it"
        return
    for name, variants in responses.items():
        spoken: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for variant in variants:
            condition = next((c for c in variant.get("condition") or () if c.get("name") == "language"), None)
            spoken[condition["value"] if condition else "default"].append(variant)
        missing = [language for language in (*LANGUAGES, "default") if language not in spoken]
        if missing:
            yield f"{domain.name}, {name}: no text for {', '.join(missing)} - add it"
            continue
        gaps = {language: _gaps(spoken[language]) for language in (*LANGUAGES, "default")}
        for language, found in gaps.items():
            if found != gaps[LANGUAGES[0]]:
                odd = ", ".join(sorted(found ^ gaps[LANGUAGES[0]]))
                yield f"{domain.name}, {name}: {odd} only in one of {LANGUAGES[0]} and {language} - write it in both"


def _gaps(variants: list[dict[str, Any]]) -> set[str]:
    """Placeholders of the texts and payloads of the buttons."""
    found: set[str] = set()
    for variant in variants:
        buttons = variant.get("buttons") or ()
        for text in (str(variant.get("text", "")), *(str(button.get("title", "")) for button in buttons)):
            found.update(f"{{{name}}}" for name in _PLACEHOLDER.findall(text))
        found.update(f"button {button.get('payload')}" for button in buttons)
    return found


def _kept_apart(examples: list[Example], folder: Path) -> Iterator[str]:
    """Held-out messages and protected cases are never training examples, and hold no personal data either."""
    from bot.training.evaluate import read_cases
    from bot.training.protected import read_protected

    texts: list[tuple[str, str]] = []
    try:
        if (folder / "heldout").is_dir():
            texts += [(f"data/heldout, {case.id}", case.text) for case in read_cases(folder / "heldout")]
        if (folder / "protected.yml").exists():
            texts += [
                (f"data/protected.yml, {case.id}", case.text) for case in read_protected(folder / "protected.yml")
            ]
    except BadExample as bad:
        yield str(bad)
    yield from _personal(texts)
    taught = {_bare(example.text): example for example in examples}
    for place, text in texts:
        example = taught.get(_bare(text))
        # "Danke" and "no thanks" are what everybody says: a text of three words proves nothing.
        if example is not None and len(text.split()) > 3:
            yield f"{example.place}: {text!r} is a test message ({place}) - take the example out"


def _bare(text: str) -> str:
    """A text without what makes no difference; emoji count where there is nothing else."""
    return re.sub(r"\W+", " ", text.casefold()).strip() or text.strip()


def main() -> int:
    """Print all findings; 1 when there are any."""
    found = findings(other_texts=ROOT / "data")
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(f"{len(found)} findings", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
