"""Sources: a path, a URL, standard input, the database; each bounded, each refusal one sentence
that names it.
"""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from adapters.sources import load_source
from domain.errors import BadInput

LAW = "Điều 1. Phạm vi\n".encode()


def test_a_path_gives_its_bytes_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "luật số 1.txt"
    path.write_bytes(b"\xef\xbb\xbf" + LAW + b"\r\n\x00")
    assert load_source(str(path)) == b"\xef\xbb\xbf" + LAW + b"\r\n\x00"


def test_standard_input_is_a_hyphen() -> None:
    assert load_source("-", stdin=io.BytesIO(LAW)) == LAW


def test_urls_that_fsspec_opens(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_bytes(LAW)
    with fsspec.open("memory://laws/law.txt", "wb") as file:
        file.write(LAW)
    assert load_source((tmp_path / "law.txt").as_uri()) == LAW
    assert load_source("memory://laws/law.txt") == LAW


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path.startswith("/law")
        self.send_response(200 if found else 404 if "missing" in self.path else 500)
        self.send_header("Content-Length", str(len(LAW)))
        self.end_headers()
        self.wfile.write(LAW)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_http_is_read_and_its_failures_are_told_without_the_password(server: str) -> None:
    assert load_source(f"http://{server}/law.txt") == LAW
    with pytest.raises(BadInput, match=r"http://127\.0\.0\.1:\d+/missing does not exist"):
        load_source(f"http://user:geheim@{server}/missing")
    with pytest.raises(BadInput, match="can not be reached") as failed:
        load_source(f"http://user:geheim@{server}/broken?key=geheim")
    assert "geheim" not in str(failed.value)
    with pytest.raises(BadInput, match="larger than"):
        load_source(f"http://{server}/law.txt", max_bytes=3)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(
        BadInput, match=r"http://127\.0\.0\.1:9/law does not exist or can not be reached"
    ):
        load_source("http://127.0.0.1:9/law")


def test_the_database_is_asked_for_the_document() -> None:
    asked: list[str] = []

    def database(code: str) -> bytes:
        asked.append(code)
        return LAW

    assert load_source("db:vn.91-2015", database=database) == LAW
    assert asked == ["vn.91-2015"]
    with pytest.raises(BadInput, match="is in a database, and none is configured"):
        load_source("db:vn.91-2015")
    with pytest.raises(BadInput, match="names no document"):
        load_source("db:", database=database)


def test_too_much_is_refused_wherever_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"x" * 11)
    for source in (str(path), path.as_uri(), "-", "db:x"):
        with pytest.raises(BadInput, match="larger than"):
            load_source(
                source, max_bytes=10, stdin=io.BytesIO(b"x" * 11), database=lambda _: b"x" * 11
            )
    assert load_source(str(path), max_bytes=11) == b"x" * 11


def test_an_endless_device_is_cut_off() -> None:
    with pytest.raises(BadInput, match="larger than"):
        load_source("/dev/zero", max_bytes=1000)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("no-such-file.txt", "does not exist; check the path"),
        ("/proc", "is a directory; name one document"),
        ("memory://no/such", "does not exist"),
        ("nosuchprotocol://x/y", "can not be opened"),
        ("http://", "can not be reached"),
        ("file:///no/such", "does not exist"),
        ("a\0b", "is not a path"),
        ("x" * 5000, "can not be read"),
    ],
)
def test_what_can_not_be_read_is_one_sentence(source: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        load_source(source)
