"""A shop imports its order list, and orders are found in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.model import Order
from bot.cases.order_fields import COLUMNS, MAX_PRICE_CENTS, identifier
from bot.cases.orders import find_order, import_orders, read_orders
from bot.database import Database
from bot.demo import ORDERS, create_demo_orders, demo_csv
from bot.migrate import upgrade

ROOT = Path(__file__).resolve().parents[2]
HEADER = ",".join(COLUMNS)
GOOD = "AB-1,Kaffeemaschine,49.90,2026-10-01,2026-10-05,2026-10-04,,a@example.org,80331,,2020-01-01,1"


@pytest.fixture()
def session(tmp_path: Path) -> Iterator[Session]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    upgrade(url)
    database = Database(url)
    with database.begin() as session:
        yield session
    database.dispose()


def csv(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def row(**values: str) -> str:
    fields = dict(zip(COLUMNS, GOOD.split(","))) | values
    return ",".join(fields[name] for name in COLUMNS)


def test_a_good_line_is_read_whole() -> None:
    (order,) = read_orders(csv(GOOD)).rows
    assert order == {
        "currency": "EUR",
        "order_number": "AB-1",
        "item": "Kaffeemaschine",
        "price_cents": 4990,
        "ordered_on": dt.date(2026, 10, 1),
        "promised_on": dt.date(2026, 10, 5),
        "delivered_on": dt.date(2026, 10, 4),
        "service_on": None,
        "email": "a@example.org",
        "postcode": "80331",
        "licence_plate": None,
        "customer_since": dt.date(2020, 1, 1),
        "prior_grants_12m": 1,
    }


def test_empty_fields_are_allowed() -> None:
    found = read_orders(csv("AB-1,Toaster,,,,,,,,,,"))
    assert not found.errors
    assert (found.rows[0]["price_cents"], found.rows[0]["prior_grants_12m"]) == (None, 0)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("49.90", 4990),
        ('"49,90"', 4990),
        ('"1.299,00"', 129900),
        ('"1,299.00"', 129900),
        ("1299", 129900),
        ("1.299", 129900),
        ("999.999", 99999900),
        ("49.9", 4990),
        ("0", 0),
        ('"49,90 €"', 4990),
        ("EUR 12.00", 1200),
        ("1'299.00", 129900),
        ("1000000.00", MAX_PRICE_CENTS),
    ],
)
def test_prices_as_shops_write_them(text: str, cents: int) -> None:
    (order,) = read_orders(csv(row(price_eur=text))).rows
    assert order["price_cents"] == cents


@pytest.mark.parametrize(
    "text", ["-5.00", "\u22125", "1000000.01", "free", "1.2.3", '"1,299,00"', "12.345.6", "0.999", "٣"]
)
def test_a_price_that_cannot_be_is_named(text: str) -> None:
    found = read_orders(csv(row(price_eur=text)))
    assert not found.rows
    (error,) = found.errors
    assert (error.line, error.column) == (2, "price_eur")
    assert error.what
    assert error.remedy


@given(st.integers(min_value=0, max_value=MAX_PRICE_CENTS))
def test_every_price_survives_being_written_german_or_english(cents: int) -> None:
    english = f"{cents / 100:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german, f"{cents / 100:.2f}"):
        (order,) = read_orders(csv(row(price_eur=f'"{text}"'))).rows
        assert order["price_cents"] == cents


@pytest.mark.parametrize("text", ["2026-11-03", "03.11.2026", "3.11.2026"])
def test_dates_iso_and_german(text: str) -> None:
    (order,) = read_orders(csv(row(delivered_on=text))).rows
    assert order["delivered_on"] == dt.date(2026, 11, 3)


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "03/11/2026", "3.11.26", "0026-01-01", "gestern"])
def test_a_date_that_cannot_be_is_named(text: str) -> None:
    (error,) = read_orders(csv(row(service_on=text))).errors
    assert (error.line, error.column) == (2, "service_on")


def test_delivered_before_ordered_is_named() -> None:
    (error,) = read_orders(csv(row(ordered_on="2026-10-05", delivered_on="2026-10-04"))).errors
    assert error.column == "delivered_on"
    assert "2026-10-05" in error.what


def test_a_number_twice_in_the_file_is_named_with_its_first_line() -> None:
    found = read_orders(csv(GOOD, row(order_number="AB-2"), row(order_number="ab-1 ")))
    assert [order["order_number"] for order in found.rows] == ["AB-1", "AB-2"]
    (error,) = found.errors
    assert error.line == 4
    assert "line 2" in error.what


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"order_number": ""}, "order_number"),
        ({"item": " "}, "item"),
        ({"email": "anna"}, "email"),
        ({"prior_grants_12m": "-1"}, "prior_grants_12m"),
        ({"postcode": "8" * 17}, "postcode"),
    ],
)
def test_other_fields_that_cannot_be_are_named(values: dict[str, str], column: str) -> None:
    (error,) = read_orders(csv(row(**values))).errors
    assert error.column == column


def test_all_that_is_wrong_in_a_line_is_said_at_once() -> None:
    errors = read_orders(csv(row(price_eur="x", ordered_on="y", email="z"))).errors
    assert {error.column for error in errors} == {"price_eur", "ordered_on", "email"}


def test_a_comma_too_many_spoils_only_its_line() -> None:
    found = read_orders(csv(row(price_eur="49,90"), row(order_number="AB-2")))
    assert [order["order_number"] for order in found.rows] == ["AB-2"]
    (error,) = found.errors
    assert error.what == "13 fields instead of 12"
    assert "quotes" in error.remedy


def test_a_forgotten_quotation_mark_spoils_only_its_line() -> None:
    found = read_orders(csv(row(item='"Toaster'), row(order_number="AB-2"), row(order_number="AB-3")))
    assert [order["order_number"] for order in found.rows] == ["AB-2", "AB-3"]
    assert [error.line for error in found.errors] == [2]


def test_a_quoted_item_may_go_over_lines_and_lines_are_still_counted_right() -> None:
    found = read_orders(csv(row(item='"Toaster,\nrot"'), row(order_number="AB-2", price_eur="x")))
    assert found.rows[0]["item"] == "Toaster, rot"
    assert [error.line for error in found.errors] == [4]


def test_inches_in_an_item_need_no_quotes() -> None:
    (order,) = read_orders(csv(row(item='Monitor 24"'))).rows
    assert order["item"] == 'Monitor 24"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_encodings_of_shops(encoding: str) -> None:
    (order,) = read_orders(csv(row(item="Bremsbeläge")).encode(encoding)).rows
    assert order["item"] == "Bremsbeläge"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_line_ends_of_spreadsheets(separator: str) -> None:
    text = csv(row(price_eur="EUR")).replace(",", separator).replace("EUR", "1.299,00").replace("\n", "\r\n")
    (order,) = read_orders(text).rows
    assert order["price_cents"] == 129900


def test_columns_in_another_order_blank_lines_and_a_separator_line_are_fine() -> None:
    names = list(reversed(COLUMNS))
    fields = dict(zip(COLUMNS, GOOD.split(",")))
    text = "sep=;\r\n" + ";".join(names).upper() + "\r\n\r\n" + ";".join(fields[name] for name in names) + "\r\n;;;\r\n"
    assert read_orders(text).rows == read_orders(csv(GOOD)).rows


def test_a_list_may_say_more_about_an_order() -> None:
    more = csv(f"{GOOD},2028-10-04,nein", header=f"{HEADER},guarantee_until,distance_sale")
    (order,) = read_orders(more).rows
    assert (order["guarantee_until"], order["distance_sale"]) == (dt.date(2028, 10, 4), False)
    (error,) = read_orders(csv(f"{GOOD},,vielleicht", header=f"{HEADER},guarantee_until,distance_sale")).errors
    assert "neither yes nor no" in str(error)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("SN 625-08812", "SN62508812"),
        ("sn/625.08812", "SN62508812"),
        ("WVWZZZ1KZAW000770", "WVWZZZ1KZAW000770"),
        ("", None),
        ("-", None),
        ("n/a", None),
        ("unbekannt", None),
        ("0000", None),
        ("12", None),
    ],
)
def test_two_spellings_name_one_device_and_a_filler_names_none(typed: str, kept: str | None) -> None:
    (order,) = read_orders(csv(f"{GOOD},{typed},PayPal 7-11-99", header=f"{HEADER},device,payment")).rows
    assert (order["device"], order["payment"]) == (kept, "PAYPAL71199")
    assert identifier(kept or "") == kept


def test_an_identifier_that_is_too_long_is_an_error_of_its_line() -> None:
    (error,) = read_orders(csv(f"{GOOD},{'A1' * 33}", header=f"{HEADER},device")).errors
    assert (error.line, error.column) == (2, "device")


def test_german_names_of_columns_are_understood() -> None:
    german = (
        "Bestellnummer,Artikel,Preis,bestellt am,zugesagt für,geliefert am,Werkstatt am,E-Mail,PLZ,Kennzeichen,"
        "Kunde seit,Kulanz_12m"
    )
    more = {"Garantie bis": "", "Fernabsatz": "", "Seriennummer": "SN-1234", "Zahlungsreferenz": "ZE-2026-9"}
    found = read_orders(csv(",".join([GOOD, *more.values()]), header=",".join([german, *more])))
    assert not found.errors
    (order,), (same,) = found.rows, read_orders(csv(GOOD)).rows
    assert same.items() <= order.items()
    assert (order["device"], order["payment"]) == ("SN1234", "ZE20269")


def test_a_wrong_header_is_explained() -> None:
    found = read_orders(csv(GOOD, header=HEADER.replace("price_eur", "price").replace("postcode", "item")))
    said = [str(error) for error in found.errors]
    assert not found.rows
    assert any("price" in line and "did you mean price_eur?" in line for line in said)
    assert any("more than once" in line for line in said)
    assert any("missing: price_eur, postcode" in line for line in said)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x01\x02", b'"', b"PK\x03\x04" * 50]
)
def test_no_order_list_at_all_is_an_error_and_no_crash(data: bytes) -> None:
    found = read_orders(data)
    assert found.errors
    assert not found.rows


@given(st.binary(max_size=300))
def test_any_bytes_after_the_header_give_rows_or_errors(data: bytes) -> None:
    read_orders(csv(GOOD).encode() + data)


def test_import_counts_new_and_known_orders_and_updates_them(session: Session) -> None:
    first = import_orders(session, csv(GOOD, row(order_number="AB-2")).encode())
    assert (first.imported, first.updated, first.errors) == (2, 0, [])
    second = import_orders(session, csv(row(price_eur="", item="Mühle"), row(order_number="AB-3")).encode())
    assert (second.imported, second.updated) == (1, 1)
    order = session.get(Order, "AB-1")
    assert (order.item, order.price_cents) == ("Mühle", None)


def test_good_lines_are_imported_and_broken_ones_named(session: Session) -> None:
    report = import_orders(session, csv(GOOD, row(order_number="AB-2", price_eur="x")).encode())
    assert (report.imported, [error.line for error in report.errors]) == (1, [3])


def test_all_or_nothing_means_it(session: Session) -> None:
    data = csv(GOOD, row(order_number="AB-2", price_eur="x")).encode()
    report = import_orders(session, data, all_or_nothing=True)
    assert (report.imported, report.updated, len(report.errors)) == (0, 0, 1)
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_long_list_is_imported_from_a_path(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(csv(*(row(order_number=f"AB-{n}") for n in range(2000))), encoding="utf-8")
    assert import_orders(session, path).imported == 2000
    assert import_orders(session, path).updated == 2000


@pytest.mark.parametrize("typed", ["LH-104711", "lh-104711", " LH 104711", "LH104711", "#LH-104711", "LH\u2013104711"])
def test_an_order_is_found_as_people_type_its_number(session: Session, typed: str) -> None:
    create_demo_orders(session, dt.date(2026, 11, 23))
    order = find_order(session, typed)
    assert order is not None
    assert order.order_number == "LH-104711"


@pytest.mark.parametrize("today", [dt.date(2026, 11, 23), dt.date(2028, 2, 29), dt.date(2027, 1, 1)])
def test_demo_orders_fit_any_day(session: Session, today: dt.date) -> None:
    report = create_demo_orders(session, today)
    assert (report.imported, report.errors) == (31, [])
    assert session.get(Order, "LH-104711").delivered_on == today - dt.timedelta(days=5)
    again = create_demo_orders(session, today + dt.timedelta(days=1))
    assert (again.imported, again.updated) == (0, 31)


def test_the_demo_file_and_its_guide_have_the_demo_orders() -> None:
    shipped = read_orders((ROOT / "demo" / "orders.csv").read_bytes())
    assert not shipped.errors
    assert [order["order_number"] for order in shipped.rows] == [order.number for order in ORDERS]
    by_number = {order.number: order for order in ORDERS}
    guide = (ROOT / "demo" / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")] for line in guide.splitlines() if line.startswith("| LH-")]
    assert len(rows) >= 8
    for _, number, postcode, *_rest in rows:
        assert by_number[number].postcode == postcode


def test_the_demo_csv_of_a_day_is_what_the_import_reads() -> None:
    assert len(read_orders(demo_csv(dt.date(2026, 11, 23))).rows) == len(ORDERS)
