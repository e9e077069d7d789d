"""HTML from templates: everything is escaped, nothing is inline, nothing comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot.desk.context import ADMINS, PREFIX, TRAINERS
from bot.desk.wording import Words

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["prefix"] = PREFIX
_templates.globals["trainers"] = TRAINERS
_templates.globals["admins"] = ADMINS


def fragment(template: str, words: Words, **values: object) -> str:
    """A piece of a page, for example one that an event stream replaces."""
    return _templates.get_template(template).render(t=words, **values)


def page(template: str, words: Words, *, status: int = 200, **values: object) -> Response:
    """A whole page."""
    return HTMLResponse(fragment(template, words, **values), status_code=status)


def harden(response: Response) -> Response:
    """The headers of every answer: no foreign or inline code, no frames, no copies in caches."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
