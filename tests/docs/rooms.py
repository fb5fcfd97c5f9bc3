"""The operator of a home who follows the operations guide, and what he would be asked for."""

from __future__ import annotations

import os
import pwd
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domain.ports import Credentials
from tests.docs.guide import Operator
from tests.support.postgres import Server
from tests.support.service import wait_for

LAW: Final = """\
# Rules of the {name}

Article 1. Scope

These rules are for the {name}.

Article 2. Guests

Guests of the {name} sign the book.
"""


def as_admin(server: Server, *statements: str) -> None:
    with server.connect() as admin:
        for one in statements:
            admin.execute(one.encode())


def word_after(label: str, text: str) -> str:
    """The word that stands after a label."""
    found = re.search(rf"{label}\W+(\S+)", text)
    assert found, text
    return found[1].rstrip(",")


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
