"""People's names and addresses are judged alike here and in the database, whatever its locale."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from domain.approval.people import folded
from domain.reading.address import is_address
from domain.reading.hidden_characters import is_hidden
from tests.support.debian import debian_server, needs_debian
from tests.support.live import scalar
from tests.support.postgres import Connection, Database, fresh_database, prepared_cluster

LOCALES = {
    "C": ("--locale=C",),
    "ICU": ("--locale-provider=icu", "--icu-locale=tr-TR", "--locale=C.UTF-8"),
    "the C library's": ("--locale=C.UTF-8",),
}
ONE_PERSON = (
    ("Đỗ Ánh", "ĐỖ ÁNH"),
    ("Weiß", "WEISS"),
    ("Ann Lee", "ann  lee "),
    ("Ann\u200bLee", "AnnLee"),
    ("Ιωάννης", "ΙΩΆΝΝΗΣ"),
    ("\ufb01ona", "FIONA"),
)
TWO_PEOPLE = (("Ann Lee", "Anna Lee"), ("Irina", "İrina"), ("Ali", "Alı"), ("", "Ann"))
NO_ADDRESSES = (
    "",
    "x.law",
    "x.law~",
    "X.law~art_1",
    "x.law~art_5\u200b",
    "x.law~art_\u202e5",
    "x.law~art 5",
    "x.law~art_5\x1f",
    "x.law~art_5\x7f",
    "x.law~art_5\u00a0a",
    "x.law~art_5~art_6",
    "x.l\u0430w~art_5",  # a Cyrillic a
    "x.law~\u0430rt_5",
    "x.law~art_5b\u0430",
    "x.law~art_5\u0430b",
    "x.law~art_5\u03b1b",
    "x.law~art_5e\u0301",  # not composed
    "x.law~art_" + "1" * 300,
)
ADDRESSES = (
    "x.law~art_5",
    "vn.91-2015!annex_1~art_5__para_2__point_a",
    "x.law~art_3..6",
    "x.law~art_184-A",
    "x.law~art_5.2",
    "x.law~preamble.2",
    "x.law~art_12\u0430",  # as a Cyrillic law prints it
    "x.law~art_đ",
    "x.law~chp_XIV\u0430",
    "x.law~sec_общие-положения",
)


def sql_folded(conn: Connection, names: list[str]) -> list[str]:
    asked = "SELECT cutter.fn_person(t.n) FROM unnest(%s::text[]) WITH ORDINALITY AS t (n, o) ORDER BY o"
    return [str(one) for (one,) in conn.execute(asked, (names,)).fetchall()]


@pytest.fixture
def admin(database: Database) -> Iterator[Connection]:
    with database.connect() as conn:
        yield conn


def assigned() -> list[str]:
    """Every character that both sides know: hidden ones that are not assigned are refused before."""
    every = (chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    return [char for char in every if unicodedata.category(char) != "Cn"]


@pytest.mark.slow
def test_every_character_is_folded_alike(admin: Connection) -> None:
    known = assigned()
    odd = [
        (f"U+{ord(char):04X}", here, there)
        for char, here, there in zip(
            known,
            map(folded, (f"a{char}" for char in known)),
            sql_folded(admin, [f"a{char}" for char in known]),
            strict=True,
        )
        if here != there
    ]
    assert odd == []


def test_names_at_random_are_folded_alike(admin: Connection) -> None:
    dice = random.Random(7)  # noqa: S311  # dice, no secret
    known = [char for char in assigned() if char.isalpha() or is_hidden(char) or char.isspace()]
    marks = [char for char in assigned() if unicodedata.combining(char)]
    names = [
        "".join(dice.choice(dice.choice((known, marks, " aB"))) for _ in range(8))
        for _ in range(5_000)
    ]
    assert sql_folded(admin, names) == [folded(name) for name in names]


def test_an_address_is_one_here_and_there(admin: Connection) -> None:
    for address in (*ADDRESSES, *NO_ADDRESSES):
        there = scalar(admin, "SELECT cutter.fn_is_address(%s)", address)
        assert there is is_address(address) is (address in ADDRESSES), ascii(address)
    assert scalar(admin, "SELECT cutter.fn_is_address(NULL)") is False
    dice = random.Random(8)  # noqa: S311  # dice, no secret
    pieces = (
        "x.law",
        "~",
        "!",
        "art",
        "_",
        "5",
        "12a",
        "__",
        "point",
        ".",
        "-",
        "\u0430",
        "\u200b",
        "B",
    )
    for _ in range(3_000):
        address = "x.law~art_" + "".join(dice.choice(pieces) for _ in range(dice.randint(0, 6)))
        there = scalar(admin, "SELECT cutter.fn_is_address(%s)", address)
        assert there is is_address(address), ascii(address)


def test_the_database_writes_no_unit_under_what_is_no_address(admin: Connection) -> None:
    admin.execute(
        "CREATE OR REPLACE FUNCTION cutter.fn_document_released(document_code text) RETURNS"
        " boolean LANGUAGE sql RETURN true"
    )
    create = (
        "SELECT status FROM fn_iu_create(%s, 't', 'b', 'm', 'article', 'body', 'law', 'o', NULL)"
    )
    batch = (
        "SELECT status FROM fn_iu_create_batch(ARRAY[%s], '{t}', '{b}', 'm', '{article}', '{body}',"
        " '{law}', '{o}', ARRAY[NULL::text])"
    )
    for asked in (create, batch):
        for address in NO_ADDRESSES[1:]:
            assert scalar(admin, asked, address) == "canonical_address: not an address"
    for address in ADDRESSES[::2]:
        assert scalar(admin, create, address) == "created"
    for address in ADDRESSES[1::2]:
        assert scalar(admin, batch, address) == "created"


def test_two_spellings_are_one_person(admin: Connection) -> None:
    for pairs, same in ((ONE_PERSON, True), (TWO_PEOPLE, False)):
        for one, other in pairs:
            here, there = sql_folded(admin, [one, other])
            assert (here == there) is same, (one, other)
            assert [here, there] == [folded(one), folded(other)]


@pytest.mark.one_quick
@needs_debian
@pytest.mark.parametrize("locale", LOCALES)
def test_two_names_are_one_person_in_every_locale(locale: str) -> None:
    with (
        debian_server("--encoding=UTF8", *LOCALES[locale]) as (server, _),
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
        database.connect() as admin,
    ):
        test_two_spellings_are_one_person(admin)
