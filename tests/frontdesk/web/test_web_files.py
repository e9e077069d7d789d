"""Photos and receipts: what comes in is small, harmless and what it says it is, or is refused with a sentence."""

from __future__ import annotations

import io
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from bot.frontdesk import attachments
from tests.frontdesk.web.conftest import Customer, FrontDesk, picture, refused

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FIELD = b'--x\r\nContent-Disposition: form-data; name="NAME"\r\n\r\ntext\r\n--x--\r\n'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def download(customer: Customer, answer: object) -> tuple[dict[str, object], bytes, dict[str, str]]:
    """The last file as the customer gets it: what stands on the message, bytes, headers."""
    [file] = customer.said()[-1]["attachments"]
    got = customer.http.get(file["url"])
    assert got.status_code == 200
    return file, got.content, dict(got.headers)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_comes_back_as_it_was_sent(front_desk: FrontDesk, kind: str) -> None:
    customer = front_desk.customer()
    answer = customer.send(picture(kind), f"schaden.{kind.lower()}", text="So sieht es aus.", client_id="1")
    assert answer.status_code == 201
    file, data, headers = download(customer, answer)
    assert file["name"] == f"schaden.{kind.lower()}" and file["type"] == f"image/{kind.lower()}"
    assert customer.said()[-1]["text"] == "So sieht es aus."
    assert Image.open(io.BytesIO(data)).size == (64, 48)
    assert headers["content-disposition"].startswith("attachment") and headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


def test_a_photo_sent_twice_is_one_message(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    answers = [customer.send(picture(), client_id="once").json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2] and len(customer.said()) == 1
    assert len(list((front_desk.settings.var / "attachments").iterdir())) == 1


def test_where_and_with_what_a_photo_was_taken_stays_with_the_customer(front_desk: FrontDesk) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 14.0)  # GPS latitude
    exif[0x0112] = 6  # turned by 90 degrees
    customer = front_desk.customer()
    customer.send(picture(exif=exif, comment=b"SecretComment"))
    _file, data, _headers = download(customer, None)
    kept = Image.open(io.BytesIO(data))
    assert kept.size == (48, 64), "upright"
    assert not kept.getexif() and b"Secret" not in data


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "bild.svg"),
        (b"<?xml version='1.0'?>" + SVG, "bild.png"),
        (b"<!doctype html><script>alert(1)</script>", "foto.jpg"),
        (b"MZ\x90\x00" + bytes(200), "foto.jpg"),
        (b"PK\x03\x04" + bytes(200), "foto.jpg"),
        (b"\xff\xd8\xff\xe0" + bytes(2000), "foto.jpg"),
        (picture("PNG")[:60], "foto.png"),
        (picture("BMP"), "foto.bmp"),
        (picture("TIFF"), "foto.tif"),
        (b" %PDF-1.7", "rechnung.pdf"),
        (b"x", "foto.jpg"),
        (b"", "foto.jpg"),
    ],
    ids=[
        "svg",
        "svg-as-png",
        "html",
        "program",
        "zip",
        "broken-jpeg",
        "half-png",
        "bmp",
        "tiff",
        "pdf",
        "byte",
        "empty",
    ],
)
def test_what_is_no_photo_and_no_pdf_is_refused(front_desk: FrontDesk, data: bytes, name: str) -> None:
    customer = front_desk.customer("en")
    refused(customer.send(data, name, "image/png"), 415, "file_type", "en")
    assert customer.said() == []


@pytest.mark.parametrize(
    ("data", "given", "kept"),
    [
        (PDF + b"<script>alert(1)</script>", "rechnung.html", "rechnung.html.pdf"),
        (picture(), "foto.exe", "foto.exe.jpg"),
        (picture(), "..\\..\\etc/passwd", "passwd.jpg"),
        (picture(), "foto\u202egnp.exe", "fotognp.exe.jpg"),
        (picture(), "<img src=x onerror=alert(1)>.jpg", "img src=x onerror=alert(1).jpg"),
        (picture(), "صورة.jpg", "صورة.jpg"),
        (picture(), "📷.jpg", "📷.jpg"),
        (picture(), "a" * 500 + ".jpg", "a" * 106 + ".jpg"),
    ],
)
def test_a_file_name_says_what_the_file_is(front_desk: FrontDesk, data: bytes, given: str, kept: str) -> None:
    customer = front_desk.customer()
    assert customer.send(data, given).status_code == 201
    assert customer.said()[-1]["attachments"][0]["name"] == kept


def test_what_hides_behind_a_picture_is_gone(front_desk: FrontDesk) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("evil.html", "<script>alert(1)</script>")
    for kind in ("JPEG", "GIF", "PNG"):
        customer = front_desk.customer()
        assert customer.send(picture(kind) + b"<script>alert(1)</script>" + archive.getvalue()).status_code == 201
        _file, data, _headers = download(customer, None)
        assert b"<script>" not in data and not zipfile.is_zipfile(io.BytesIO(data))


def png_of(width: int, height: int) -> bytes:
    """A PNG of one colour that says it is this big and packs to a few kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\0" * (width // 8 + 1)) for _ in range(height)) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_a_picture_that_unpacks_to_gigabytes_is_refused(front_desk: FrontDesk) -> None:
    bomb = png_of(40_000, 40_000)  # 1.6 gigapixels
    assert len(bomb) < 300_000
    customer = front_desk.customer()
    refused(customer.send(bomb, "foto.png", "image/png"), 413, "file_too_big")
    assert customer.said() == []


def test_a_text_block_that_unpacks_to_gigabytes_is_refused(front_desk: FrontDesk) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(512)) + packer.flush()
    body = b"Comment\0\0" + packed
    block = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    honest = picture("PNG")
    bomb = honest[:33] + block + honest[33:]  # right after the header
    refused(front_desk.customer().send(bomb, "foto.png", "image/png"), 415, "file_type")


def test_a_film_of_a_thousand_pictures_is_kept_as_its_first(front_desk: FrontDesk) -> None:
    frames = [Image.new("P", (300, 300), n % 200) for n in range(1000)]
    film = io.BytesIO()
    frames[0].save(film, format="GIF", save_all=True, append_images=frames[1:])
    customer = front_desk.customer()
    assert customer.send(film.getvalue(), "film.gif", "image/gif").status_code == 201
    _file, data, _headers = download(customer, None)
    assert getattr(Image.open(io.BytesIO(data)), "n_frames", 1) == 1


def test_a_photo_of_48_megapixels_is_kept_smaller(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    assert customer.send(picture(size=(8000, 6000))).status_code == 201
    _file, data, _headers = download(customer, None)
    assert Image.open(io.BytesIO(data)).size == (4096, 3072)


def test_a_photo_of_30_megabytes_is_refused_with_a_sentence_and_not_a_broken_line(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    refused(customer.send(picture() + bytes(30 * 1024 * 1024)), 413, "file_too_big")
    assert customer.said() == []
    assert not (front_desk.settings.var / "attachments").exists(), "nothing of it is stored"
    assert customer.send(picture()).status_code == 201, "and the next one is taken"


def test_a_file_that_does_not_say_how_long_it_is(front_desk: FrontDesk) -> None:
    """Chunked: no Content-Length to look at."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="foto.jpg"\r\n\r\n'

    def endless(megabytes: int) -> Iterator[bytes]:
        yield head
        for _ in range(megabytes):
            yield bytes(1024 * 1024)
        yield b"\r\n--x--\r\n"

    customer = front_desk.customer()
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(customer.http.post("/chat/attachments", content=endless(30), headers=kind), 413, "file_too_big")
    assert customer.said() == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no form at all"),
        (
            "multipart/form-data; boundary=x",
            FIELD.replace(b"NAME", b"file"),
        ),
        (
            "multipart/form-data; boundary=x",
            FIELD.replace(b"NAME", b"text"),
        ),
        ("application/x-www-form-urlencoded", b"file=x&text=y"),
    ],
)
def test_a_form_without_a_file(front_desk: FrontDesk, kind: str, body: bytes) -> None:
    customer = front_desk.customer()
    refused(customer.http.post("/chat/attachments", content=body, headers={"Content-Type": kind}), 400, "bad_request")


def test_a_caption_that_is_too_long_leaves_no_file_behind(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    refused(customer.send(picture(), text="x" * 9000), 413, "too_long")
    assert not (front_desk.settings.var / "attachments").exists()


def test_others_cannot_fetch_a_file(front_desk: FrontDesk) -> None:
    owner, other = front_desk.customer(), front_desk.customer()
    owner.send(picture())
    [file] = owner.said()[-1]["attachments"]
    refused(other.http.get(file["url"]), 404, "not_found")
    assert owner.http.get("/chat/attachments/..%2f..%2fsecret").status_code == 404


def test_unpacking_a_big_picture_keeps_nobody_waiting(front_desk: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of somebody else is taken while a picture is being examined."""
    examining, go_on = threading.Event(), threading.Event()
    really = attachments.examine

    def slowly(name: str, data: bytes) -> attachments.Examined:
        examining.set()
        go_on.wait(10)
        return really(name, data)

    monkeypatch.setattr(attachments, "examine", slowly)
    sender, writer = front_desk.customer(), front_desk.customer()
    answers: list[int] = []
    sending = threading.Thread(target=lambda: answers.append(sender.send(picture()).status_code))
    sending.start()
    assert examining.wait(10)
    assert writer.post(text="Der Kompressor ist kaputt.").status_code == 202 and answers == []
    go_on.set()
    sending.join(10)
    assert answers == [201]
