"""The orders of "Lindenhof", a made-up car workshop and shop: days count back from today, so every demo fits.

demo/README.md tells which of them to try and what happens.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from bot.cases.order_fields import COLUMNS
from bot.cases.orders import ImportReport, import_orders


@dataclass(frozen=True)
class DemoOrder:
    """An order whose moments are ages: `12d` twelve days ago, `8m` eight months, `6y` six years, `-4d` in four days."""

    number: str
    item: str
    price: str  # EUR
    postcode: str
    customer: str  # before the @
    ordered: str
    promised: str = ""
    delivered: str = ""
    service: str = ""
    plate: str = ""
    since: str = ""
    grants: int = 0
    device: str = ""
    payment: str = ""


ORDERS: tuple[DemoOrder, ...] = (
    DemoOrder("LH-104711", "Winterreifen 205/55 R16 (Satz)", "389.00", "80331", "anna.brandl", "9d", "5d", "5d"),
    DemoOrder("LH-104502", "Kaffeevollautomat", "649.00", "80469", "jonas.wimmer", "8m 4d", "8m", "8m", since="2y"),
    DemoOrder("LH-104203", "Akkuschrauber", "129.90", "80799", "mira.kowalski", "14m 5d", "14m", "14m"),
    DemoOrder(
        "LH-102914",
        "Getriebeüberholung",
        "2890.00",
        "81541",
        "georg.huber",
        "38m 10d",
        "38m",
        "38m",
        "38m",
        plate="M-GH 2914",
        since="9y",
        device="WAUZZZ8K9BA029140",
    ),
    DemoOrder("LH-104805", "Dachbox", "459.00", "80637", "selin.aydin", "16d", "6d"),
    DemoOrder("LH-104816", "Kinderfahrrad 20 Zoll", "279.00", "81667", "tom.fischer", "4d", "1d", "1d"),
    DemoOrder(
        "LH-104777",
        "Bremsbeläge Wechsel",
        "318.50",
        "81371",
        "petra.lang",
        "26d",
        "21d",
        service="21d",
        plate="M-PL 77",
        since="4y",
        device="WVWZZZ1KZAW000770",
    ),
    DemoOrder(
        "LH-103018",
        "Wasserkocher",
        "89.00",
        "80995",
        "ines.maurer",
        "36m 6d",
        "36m 2d",
        "36m 2d",
        since="6y",
        payment="ZE 2023 103018",
    ),
    DemoOrder(
        "LH-103019",
        "Toaster",
        "59.00",
        "80995",
        "ines.maurer",
        "36m 6d",
        "36m 2d",
        "36m 2d",
        since="6y",
        payment="ZE 2023 103018",
    ),
    DemoOrder("LH-104419", "Standluftpumpe", "34.90", "81829", "rolf.stein", "9m 3d", "9m", "9m", since="7y", grants=3),
    DemoOrder(
        "LH-104720",
        "E-Bike Akku 625 Wh",
        "749.00",
        "80539",
        "clara.vogt",
        "12d",
        "8d",
        "8d",
        since="1y",
        device="SN 625-08812",
    ),
    DemoOrder(
        "LH-104621",
        "Zahnriemenwechsel",
        "865.00",
        "81249",
        "deniz.arslan",
        "3m 4d",
        "3m",
        service="3m",
        plate="M-DA 621",
        since="5y",
    ),
    DemoOrder("LH-104822", "Schneeketten", "74.90", "80336", "lea.sommer", "3d", "-2d"),
    DemoOrder("LH-104723", "Batterieladegerät", "59.90", "80687", "oliver.grant", "20d", "15d", "14d"),
    DemoOrder("LH-104724", "Autobatterie 70 Ah", "119.00", "81925", "hanna.beck", "20d", "16d", "15d", since="3y"),
    DemoOrder("LH-104325", "Hochdruckreiniger", "219.00", "80939", "paul.egger", "11m 3d", "11m", "11m"),
    DemoOrder("LH-104126", "Kindersitz", "239.00", "81735", "nadia.rahimi", "23m 4d", "23m", "23m", since="3y"),
    DemoOrder("LH-104027", "Fahrradträger", "429.00", "80807", "stefan.moser", "25m 5d", "25m", "25m", since="4y"),
    DemoOrder("LH-102828", "Toaster", "49.90", "81379", "ruth.kessler", "40m 4d", "40m", "40m", since="8y"),
    DemoOrder("LH-104829", "Inspektion", "389.00", "80797", "felix.bauer", "6d", "2d", service="2d", plate="M-FB 829"),
    DemoOrder(
        "LH-104530",
        "Klimaanlage Wartung",
        "149.00",
        "81477",
        "julia.neumann",
        "5m 3d",
        "5m",
        service="5m",
        plate="M-JN 530",
        since="2y",
    ),
    DemoOrder("LH-104731", "Fahrradhelm", "69.95", "80335", "emma.clarke", "18d", "12d", "11d"),
    DemoOrder("LH-104832", "Werkstattwagen", "529.00", "81539", "marco.ricci", "21d", "10d", since="1y"),
    DemoOrder("LH-104733", "Sitzbezüge", "84.50", "80634", "sofia.lindner", "10d", "7d", "7d"),
    DemoOrder("LH-104234", "Wagenheber", "99.00", "81243", "karl.zimmer", "13m 6d", "13m 2d", "13m", since="10y"),
    DemoOrder("LH-104835", "Navigationsgerät", "199.00", "80802", "ben.taylor", "7d", "3d", "3d", since="2y", grants=1),
    DemoOrder(
        "LH-104336",
        "Sommerreifen 225/45 R17 (Satz)",
        "512.00",
        "81669",
        "vera.hofmann",
        "7m 4d",
        "7m",
        "7m",
        since="3y",
    ),
    DemoOrder("LH-104837", "Milchaufschäumer", "45.00", "80801", "luca.conti", "2d", "-1d"),
    DemoOrder(
        "LH-104638",
        "Auspuff Reparatur",
        "472.30",
        "81549",
        "heinz.krause",
        "2m 4d",
        "2m",
        service="2m",
        plate="M-HK 638",
        since="12y",
        grants=2,
    ),
    DemoOrder("LH-104739", "Fahrradschloss", "54.90", "80339", "amelie.roth", "15d", "11d", "10d"),
    DemoOrder("LH-104140", "Kompressor", "189.00", "80933", "igor.petrov", "20m 5d", "20m", "20m", since="4y"),
)


def demo_rows(today: dt.date) -> list[dict[str, str]]:
    """The demo orders as lines of the order CSV (bot.cases.order_file), with their days counted from `today`."""
    return [
        {
            "order_number": order.number,
            "item": order.item,
            "price_eur": order.price,
            "ordered_on": _day(today, order.ordered),
            "promised_on": _day(today, order.promised),
            "delivered_on": _day(today, order.delivered),
            "service_on": _day(today, order.service),
            "email": f"{order.customer}@example.org",
            "postcode": order.postcode,
            "licence_plate": order.plate,
            "customer_since": _day(today, order.since),
            "prior_grants_12m": str(order.grants),
            "device": order.device,
            "payment": order.payment,
        }
        for order in ORDERS
    ]


def demo_csv(today: dt.date) -> str:
    """The demo orders as the CSV that `erstkontakt orders import` reads."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (*COLUMNS, "device", "payment"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(demo_rows(today))
    return out.getvalue()


def create_demo_orders(session: Session, today: dt.date) -> ImportReport:
    """Put the demo orders into the database; those that are there get today's days again."""
    return import_orders(session, demo_csv(today).encode(), all_or_nothing=True)


def _day(today: dt.date, age: str) -> str:
    if not age:
        return ""
    units = {"d": "days", "m": "months", "y": "years"}
    back = {units[part[-1]]: int(part[:-1]) for part in age.split()}
    return (today - relativedelta(**back)).isoformat()  # type: ignore[arg-type]
