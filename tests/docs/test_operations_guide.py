"""Most of the operations guide is carried out, line by line, on a server and a Prefect server of its
own.

What it leaves open (a file, a key, a change set) is put in, and what it would ask is answered by an
option; everything else stands as the page has it.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from domain.ports import Credentials
from service.files import free_port
from tests.docs.guide import Operator
from tests.support.postgres import Server, bare_server
from tests.support.prefect import prefect_server
from tests.support.service import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.prefect,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"),
]

HERE: Final = ("Set up", "Deployments", "Run", "Stop", "When a run has died", "Revert")
"""Sections of the guide; the other ones are held to the program by tests/unit/test_operations.py."""
BY_THE_TUTORIAL: Final = {"cutter db init --embedded"}
LAW: Final = """\
# Rules of the {name}

Article 1. Scope

These rules are for the {name}.

Article 2. Guests

Guests of the {name} sign the book.
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on which nothing of ours is yet."""
    with bare_server() as bare:
        yield bare


def as_admin(server: Server, *statements: str) -> None:
    with server.connect() as admin:
        for one in statements:
            admin.execute(one.encode())


def word_after(label: str, text: str) -> str:
    """The word that stands after a label."""
    found = re.search(rf"{label}\W+(\S+)", text)
    assert found, text
    return found[1]


class Rooms:
    """The operator of a home, and the keys and passwords that he would be asked for."""

    def __init__(self, folder: Path, server: Server, api: str) -> None:
        self.server, self.me = server, pwd.getpwuid(os.geteuid()).pw_name
        self.home, self.new = folder / "home", secrets.token_urlsafe(24)
        self.at = {
            "DOT_CUTTER_DB_HOST": server.host,
            "DOT_CUTTER_DB_PORT": str(server.port),
            "DOT_CUTTER_DB_NAME": "knowledge",
            "DOT_CUTTER_DB_SSLMODE": server.sslmode,
            "PREFECT_API_URL": api,
        }
        self.person = Operator(folder, {**self.at, "CUTTER_HOME": str(self.home)})
        self.admin = f"--password-file {self.secret('admin', server.admin)}"

    def secret(self, name: str, login: Credentials) -> Path:
        path = self.person.folder / name
        path.write_text(login.password.get_secret_value(), encoding="utf-8")
        path.chmod(0o600)
        return path

    def file(self, name: str, what: str) -> str:
        """A document of two articles in the operator's folder; its name."""
        (self.person.folder / name).write_text(LAW.format(name=what), encoding="utf-8")
        return name

    @contextmanager
    def staying(
        self, line: str, says: str, said: Mapping[str, str], *, plus: str = ""
    ) -> Iterator[None]:
        """A line of the guide whose command stays, while the block runs."""
        out = self.person.folder / "stays.out"
        out.unlink(missing_ok=True)
        self.person.follow(line, said, plus=f"{plus} > {out} 2>&1 & echo $! > stays.pid")
        wait_for(lambda: out.stat().st_size and says in out.read_text(encoding="utf-8"), 60)
        try:
            yield
        finally:
            self.person.shell("kill $(cat stays.pid)")

    def set_up(self) -> None:
        """Home, database, logins, keys and people, as the guide says it for a server of one's own."""
        do = self.person.follow
        do("cutter init")
        service = str(self.person.folder / "service")
        do(
            "cutter --home /var/lib/cutter init --user cutter",
            {"/var/lib/cutter": service, "--user cutter": f"--user {self.me}"},
        )
        do("cutter db init --sql > init.sql")
        do("cutter db init --admin postgres", plus=self.admin)
        as_admin(self.server, f"ALTER ROLE cutter_exec PASSWORD '{self.new}'")
        (self.person.folder / "new").write_text(self.new, encoding="utf-8")
        do("cutter secrets set exec", plus="--password-file new")
        do("cutter key make exec", plus="--replace")
        do("cutter key register exec --admin postgres", plus=self.admin)
        do("cutter doctor --register")
        do("cutter doctor")
        for name, gates in {"ann": "--gate SG_1 --gate SG_3", "ben": "--gate SG_2"}.items():
            self.person.shell(f"ssh-keygen -q -t ed25519 -N '' -f {name}")
            person = name.capitalize()
            self.person.shell(f"cutter approver add {person} --key {name}.pub {gates} {self.admin}")


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


def proposals(rooms: Rooms) -> None:
    """Two documents by their codes: one is declined and goes all the same, one is withdrawn."""
    do = rooms.person.follow
    first, second = rooms.file("museum.txt", "museum"), rooms.file("archive.txt", "archive")
    for one in (first, second):
        do("cutter propose FILE", {"FILE": one}, plus="--yes")
    do("cutter inbox")
    do("cutter decline CODE --key KEY --reason WHY", {"CODE": "museum", "KEY": "ann"})
    for key in ("ann", "ben"):
        do("cutter approve CODE --key KEY", {"CODE": "museum", "KEY": key}, plus="--yes")
    do("cutter go CODE", {"CODE": "museum"})
    do("cutter withdraw CODE --reason WHY", {"CODE": "archive"})


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
    do, of = rooms.person.follow, {"CHANGE_SET": change_set}
    own = {"OWN_CHANGE_SET": word_after("change set", do("cutter revert CHANGE_SET", of))}
    do("cutter switch arm OWN_CHANGE_SET --rehearse --reason WHY", own)
    do("cutter revert CHANGE_SET --rehearse", of)
    for key, gate in (("ann", "SG_3"), ("ben", "SG_2")):
        do(
            "cutter approve --revert CHANGE_SET --gate SG_3 --key KEY",
            {"KEY": key, "SG_3": gate, **of},
            plus="--yes",
        )
    do("cutter switch arm OWN_CHANGE_SET --reason WHY", own)
    do("cutter revert CHANGE_SET --live", of)


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
    proposals(rooms)
    browser(rooms)
    deployments(rooms)
    stops(rooms)
    revert(rooms, change_set)
    stops(rooms)
    assert rooms.person.left(*HERE) == BY_THE_TUTORIAL
