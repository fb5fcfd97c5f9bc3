"""The operations guide is carried out, line by line, on a server and a Prefect server of its
own.

What it leaves open (a file, a key, a change set) is put in, and what it would ask is answered by an
option; everything else stands as the page has it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from blocks.deployed import PROJECT
from service.files import free_port
from tests.docs.mishaps import (
    backups,
    evidence,
    lost_home,
    restore,
    stolen_login,
    upgrade,
    verifier_apart,
)
from tests.docs.rooms import Rooms, word_after
from tests.support.postgres import Server, bare_server
from tests.support.prefect import prefect_server
from tests.support.service import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.prefect,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

BY_THE_TUTORIAL: Final = "tests/docs/test_tutorial.py"
BY_SYSTEMD: Final = "tests/unit/test_operations.py"
BY_CONTAINERS: Final = "tests/containers/compose.py"
BY_A_READER: Final = "tests/integration/units/test_reader.py"
BY_HAND: Final = "tests/integration/backups/test_bring_back.py"
ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    BY_THE_TUTORIAL: ("cutter db init --embedded",),
    # No systemd runs here: there the units are held to the program and to `systemd-analyze`.
    BY_SYSTEMD: (
        "cp /opt/cutter/deploy/cutter-* /etc/systemd/system/",
        "systemctl enable --now cutter-server cutter-worker cutter-schedule.timer",
    ),
    BY_CONTAINERS: (
        "docker build -f deploy/docker/Dockerfile -t iu-cutter .",
        "cd deploy/docker && mkdir -m 700 secrets",
        'printf %s "$(openssl rand -hex 16)" > secrets/postgres-password',
        'printf %s "cutter:$(openssl rand -hex 16)" > secrets/prefect-login',
        "chown 10001 secrets/*",
        "docker compose up -d postgres prefect-store prefect",
        "docker compose run --rm setup cutter init",
        (
            "docker compose run --rm setup cutter db init --admin postgres"
            " --password-file /run/secrets/postgres-password"
        ),
        "docker compose up -d worker",
    ),
    BY_A_READER: (
        "CREATE INDEX CONCURRENTLY unit_version_words ON public.unit_version",
        "USING gin (to_tsvector('simple', left(title || ' ' || body, 100000)));",
    ),
    # Word by word as they stand there.
    BY_HAND: (
        "gpg --homedir KEYRING --decrypt FILE | zstd -d > FILE.pgdump",
        "psql --dbname=postgres --file=adapters/postgres/schema/sql/base/schema_10_roles.sql",
        "createdb --template=template0 --encoding=UTF8 NAME",
        "psql --dbname=NAME --command='DROP SCHEMA public'",
        "pg_restore --exit-on-error --dbname=NAME FILE.pgdump",
        "psql --dbname=NAME --command='REVOKE ALL ON DATABASE \"NAME\" FROM PUBLIC'",
        (
            'psql --dbname=NAME --command=\'GRANT CONNECT ON DATABASE "NAME" TO cutter_exec,'
            " cutter_verify, cutter_rehearse, cutter_read, cutter_reader'"
        ),
    ),
}
"""Which lines of the guide are not carried out here, by the file that sees to them instead."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on which nothing of ours is yet."""
    with bare_server() as bare:
        yield bare


@pytest.fixture
def rooms(server: Server) -> Iterator[Rooms]:
    """A home that is set up, and what it would ask for."""
    folder = Path(tempfile.mkdtemp(prefix="guide-", dir="/tmp"))
    folder.chmod(0o711)
    with prefect_server() as api:
        yield Rooms(folder, server, api)
    shutil.rmtree(folder, ignore_errors=True)


def cut_by_its_gates(rooms: Rooms) -> str:
    """A cut step by step, with one approver here and one elsewhere; its change set."""
    do, key = rooms.person.follow, "~/.ssh/id_ed25519"
    rooms.file("LAW.txt", "library")
    change_set = word_after("change set", do("cutter cut LAW.txt"))
    armed = {"CHANGE_SET": change_set}
    rooms.person.shell(f"cutter switch arm {change_set} --rehearse --reason WHY")
    rooms.person.shell("cutter rehearse LAW.txt")
    do("cutter review LAW.txt --html review.html")
    rooms.person.shell("cutter prove")
    do("cutter approve LAW.txt --gate SG_1 --approver Ann --minutes 1440 --request ann.json")
    page = rooms.home / "runs" / change_set / "review.html"
    shutil.copy(page, rooms.person.folder / page.name)  # the page that goes with the request
    do(
        f"cutter approval sign ann.json --key {key} --review review.html --out ann.signed",
        {key: "ann"},
        plus="--yes",
    )
    do("cutter approve LAW.txt --signed ann.signed")
    do(f"cutter approve LAW.txt --gate SG_1 --key {key}", {key: "ann"}, plus="--yes")
    do(f"cutter approve LAW.txt --gate SG_2 --key {key}", {key: "ben"}, plus="--yes")
    do('cutter switch arm CHANGE_SET --reason "ticket 7" --minutes 30', armed)
    do("cutter cut LAW.txt --live")
    assert "Done" in do("cutter status")
    do("cutter check LAW.txt")
    do("cutter check LAW.txt --new-baseline")
    return change_set


def proposals(rooms: Rooms) -> str:
    """Two documents by their codes: one is declined and goes all the same, one is withdrawn; the
    change set of the first.
    """
    do = rooms.person.follow
    first, second = rooms.file("museum.txt", "museum"), rooms.file("archive.txt", "archive")
    said = [do("cutter propose FILE", {"FILE": one}, plus="--yes") for one in (first, second)]
    do("cutter inbox")
    do("cutter decline CODE --key KEY --reason WHY", {"CODE": "museum", "KEY": "ann"})
    for key in ("ann", "ben"):
        do("cutter approve CODE --key KEY", {"CODE": "museum", "KEY": key}, plus="--yes")
    do("cutter go CODE", {"CODE": "museum"})
    do("cutter withdraw CODE --reason WHY", {"CODE": "archive"})
    return word_after("change set", said[0])


def stops(rooms: Rooms) -> None:
    do = rooms.person.follow
    do('cutter halt --reason "why"')
    do(
        'cutter lift --reason "why it is safe" --by NAME --admin ADMINISTRATOR',
        {"NAME": "Ada", "ADMINISTRATOR": rooms.server.admin.user},
        plus=rooms.admin,
    )
    do('cutter switch off --reason "why"')


def revert(rooms: Rooms, change_set: str) -> None:
    do, of = rooms.person.follow, {"CODE": "law"}
    assert word_after("reverts", do("cutter revert CODE", of)).rstrip(",") == change_set
    do("cutter revert CODE --rehearse --arm", of)
    for key, says in (("ann", "Waits for SG_2"), ("ben", "Approved: `cutter revert law --live")):
        said = do("cutter approve --revert CODE --key KEY", {"KEY": key, **of}, plus="--yes")
        assert says in said, said
    do("cutter revert CODE --live --arm", of)


def deployments(rooms: Rooms) -> None:
    """The table's deployments, and a target that was asked for as the form asks."""
    do = rooms.person.follow
    do("cutter deploy")
    law = rooms.person.folder / rooms.file("water.txt", "water")
    asked = "from flows.add_target import add_target; import sys; add_target(*sys.argv[1:])"
    rooms.person.shell(f"python -c '{asked}' water-act {law}")
    assert "waits" in do("cutter target list")
    key = {"~/.ssh/id_ed25519": "ann"}
    for what in ("accept", "remove"):
        do(f"cutter target {what} water-act --key ~/.ssh/id_ed25519", key, plus="--yes")


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    with suppress(OSError), urlopen(url, timeout=10) as said:  # noqa: S310  # our own link
        return bool(said.status == HTTPStatus.OK)
    return False


def browser(rooms: Rooms) -> None:
    """The approvers' pages, and a link into them; on another port, which may be taken here."""
    port = f"--port {free_port(None)}"
    with rooms.staying("cutter serve --approvals", "http://127.0.0.1", {}, plus=port):
        link = rooms.person.follow("cutter approver link NAME", {"NAME": "Ann"}, plus=port)
        wait_for(lambda: answers(link.split()[0]), 60)


def test_one_who_works_by_hand_can_do_all_that_the_guide_says(rooms: Rooms) -> None:
    do = rooms.person.follow
    rooms.set_up()
    do("cutter backup make")
    do("cutter backup verify [FILE]", {"[FILE]": ""})
    change_set = cut_by_its_gates(rooms)
    stands = proposals(rooms)
    browser(rooms)
    deployments(rooms)
    stops(rooms)
    revert(rooms, change_set)
    stops(rooms)
    backups(rooms)
    evidence(rooms, change_set)
    stolen_login(rooms)
    upgrade(rooms)
    restore(rooms, change_set)
    lost_home(rooms, stands)
    verifier_apart(rooms)
    assert sorted(rooms.person.left()) == sorted(line for one in ELSEWHERE.values() for line in one)
    assert [name for name in ELSEWHERE if not (PROJECT / name).is_file()] == []
