"""What `erstkontakt doctor` looks at: one finding per thing that the bot needs, with the remedy where it is missing."""

from __future__ import annotations

import shutil
import smtplib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy.exc import SQLAlchemyError

from bot.config import ROOT, Settings

ENOUGH_DISK = 2 * 1024**3
"""Bytes: room for a few models, logs and customers' photos."""


@dataclass(frozen=True)
class Finding:
    """`missing` must be put right before the bot works; a `note` is only worth knowing."""

    subject: str
    grade: Literal["ok", "note", "missing"]
    what: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one after the other; nothing is changed."""
    yield python()
    yield disk(settings.var)
    yield database(settings.db_url)
    yield model(settings.models)
    yield from ports(settings)
    yield policy(settings.policy)
    yield texts(ROOT / "domain.yml")
    yield from telegram(settings)
    yield mail(settings)
    yield browser()


def python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] == (3, 10):
        return Finding("Python", "ok", found)
    return Finding("Python", "missing", f"this is {found}, Rasa needs 3.10", "run bin/bootstrap")


def disk(var: Path) -> Finding:
    place = next(folder for folder in (var, *var.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if free >= ENOUGH_DISK:
        return Finding("Disk", "ok", f"{free / 1024**3:.0f} GB free")
    return Finding("Disk", "missing", f"only {free / 1024**2:.0f} MB free at {place}", "free 2 GB or more")


def database(url: str) -> Finding:
    from bot.migrate import exists, newest_revision, revision_of

    if not exists(url):
        return Finding("Database", "missing", "not created yet", "erstkontakt run (or migrate) creates it")
    try:
        revision = revision_of(url)
    except (SQLAlchemyError, ImportError) as error:
        reason = str(error).splitlines()[0]
        return Finding("Database", "missing", f"cannot be reached: {reason}", "check ERSTKONTAKT_DATABASE_URL")
    if revision == newest_revision():
        return Finding("Database", "ok", f"reachable, revision {revision}")
    return Finding("Database", "missing", f"at revision {revision}, not {newest_revision()}", "erstkontakt migrate")


def model(models: Path) -> Finding:
    from bot.trained import changes
    from bot.training.live import live_model

    live, changed = live_model(models), changes(models)
    if live is None:
        return Finding("Model", "missing", f"none in {models}", "erstkontakt train")
    if changed:
        return Finding("Model", "missing", f"{live.name} is older than {', '.join(changed[:3])}", "erstkontakt train")
    return Finding("Model", "ok", f"{live.name} is live and fits its training data")


def ports(settings: Settings) -> Iterator[Finding]:
    from bot.child import answers
    from bot.services import erstkontakt_ports, port_is_free

    for place in erstkontakt_ports(settings):
        subject = f"Port {place.port}"
        if port_is_free(place.host, place.port):
            yield Finding(subject, "ok", f"free for {place.name}")
        elif answers(place.health):
            yield Finding(subject, "ok", f"{place.name} answers there")
        else:
            other = f"end the program that listens there or set {place.setting}={place.port + 1000}"
            yield Finding(subject, "missing", f"taken by something that is not our {place.name}", other)


def policy(folder: Path) -> Finding:
    from bot.goodwill.policy import check_policy, load_policy

    errors = check_policy(folder)
    if not errors:
        return Finding("Policy", "ok", f"valid, version {load_policy(folder).version}")
    first = errors[0]
    what = f"{len(errors)} errors, the first: {first.file}:{first.line}: {first.message}"
    return Finding("Policy", "missing", what, f"{first.remedy}; all of them: erstkontakt policy check")


def texts(domain: Path) -> Finding:
    """Every response that customers read is there in German, in English and without a condition."""
    try:
        with open(domain, encoding="utf-8") as file:
            responses = (YAML(typ="safe").load(file) or {}).get("responses") or {}
    except OSError:
        return Finding("Texts", "missing", f"there is no {domain.name}", "get it back with git checkout domain.yml")
    except YAMLError as error:
        return Finding("Texts", "missing", f"{domain.name} cannot be read", " ".join(str(error).split()))
    gaps = []
    for name, variants in responses.items():
        spoken = {
            next((c.get("value") for c in variant.get("condition") or () if c.get("name") == "language"), "default")
            for variant in variants
        }
        gaps += [f"{name} ({language})" for language in ("de", "en", "default") if language not in spoken]
    if not gaps:
        return Finding("Texts", "ok", f"{len(responses)} responses in German and English")
    return Finding(
        "Texts", "missing", f"{len(gaps)} texts are not there: {', '.join(gaps[:4])}", "add them to domain.yml"
    )


def telegram(settings: Settings) -> Iterator[Finding]:
    if not settings.telegram_token:
        yield Finding("Telegram", "note", "switched off", "set ERSTKONTAKT_TELEGRAM_TOKEN to switch it on")
        return
    try:
        answer = httpx.get(f"{settings.telegram_api}/bot{settings.telegram_token}/getMe", timeout=5.0)
        me = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        what = f"cannot be reached ({type(error).__name__})"
        yield Finding("Telegram", "missing", what, "check the connection to ERSTKONTAKT_TELEGRAM_API")
        return
    if not me.get("ok"):
        yield Finding("Telegram", "missing", "does not know this token", "ask @BotFather for the token of your bot")
        return
    yield Finding("Telegram", "ok", f"this is @{me['result'].get('username')}")
    if settings.telegram_staff_group:
        yield staff_group(settings, int(me["result"]["id"]))


def staff_group(settings: Settings, bot_id: int) -> Finding:
    """Whether the bot can work with topics in the team's group."""
    from bot.desk.topics.checkup import GroupNotUsable, group_name

    try:
        name = group_name(settings.telegram_api, settings.telegram_token, settings.telegram_staff_group, bot_id)
    except GroupNotUsable as problem:
        return Finding("Telegram group of the staff", "missing", str(problem), problem.remedy)
    return Finding("Telegram group of the staff", "ok", f"{name}, topics can be managed")


def mail(settings: Settings) -> Finding:
    """Whether the mail server takes us, without sending anything."""
    from bot.frontdesk.mail import connect, sender

    if not settings.smtp_host:
        return Finding("E-mail", "note", "switched off", "set ERSTKONTAKT_SMTP_HOST to notify staff by e-mail")
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with connect(settings):
            pass
    except smtplib.SMTPAuthenticationError as refused:
        remedy = "check ERSTKONTAKT_SMTP_USER and ERSTKONTAKT_SMTP_PASSWORD: is the password right?"
        return Finding("E-mail", "missing", f"{place} does not let us in ({refused.smtp_code})", remedy)
    except smtplib.SMTPNotSupportedError as cannot:
        remedy = "set ERSTKONTAKT_SMTP_SECURITY=tls (port 465), or none for a server on this machine"
        return Finding("E-mail", "missing", f"{place}: {cannot}", remedy)
    except (smtplib.SMTPException, OSError) as error:
        remedy = "check ERSTKONTAKT_SMTP_HOST, ERSTKONTAKT_SMTP_PORT, ERSTKONTAKT_SMTP_SECURITY and the certificate"
        return Finding("E-mail", "missing", f"{place} cannot be reached ({type(error).__name__})", remedy)
    return Finding("E-mail", "ok", f"{place} takes letters from {sender(settings)}")


def browser() -> Finding:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return Finding("Chromium", "ok", found)
    return Finding("Chromium", "note", "not there: only the tests in a browser need it", "apt-get install chromium")
