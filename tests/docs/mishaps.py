"""What the operations guide has for the days that do not go well, carried out line by line."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from adapters.postgres.schema.upgrade import migrations
from adapters.postgres.server.binaries import client_binaries
from blocks.deployed import PROJECT
from domain.ports import Credentials
from service.verifier import FILE_NAME
from tests.docs.guide import Operator
from tests.docs.rooms import Rooms, as_admin, word_after
from tests.support.postgres import wheel_major
from tests.support.service import wait_for

DIFFERS: Final = 4
"""The exit status of `cutter audit` where something is not as it was."""
REFUSED: Final = 3
LOGINS: Final = "DOT_CUTTER_EXEC_DB_USER=cutter_exec\nDOT_CUTTER_VERIFY_DB_USER=cutter_verify\n"
"""What a person writes into a new home's `cutter.env`."""
AS_VERIFIER: Final = "sudo -u cutter-verifier cutter"


def new_password(rooms: Rooms, role: str) -> Path:
    """What an administrator has set for a login, in a file."""
    login = Credentials(role, SecretStr(secrets.token_urlsafe(24)))
    as_admin(rooms.server, f"ALTER ROLE {role} PASSWORD '{login.password.get_secret_value()}'")
    return rooms.secret(role, login)


def write_logins(home: Path) -> None:
    """Host, port and name of the database are in the environment here."""
    with (home / "cutter.env").open("a", encoding="utf-8") as file:
        file.write(LOGINS)


def newest_backup(rooms: Rooms) -> str:
    """The file of the newest backup in the home."""
    return str(max((rooms.home / "backups").glob("*.gpg"), key=lambda path: path.stat().st_mtime))


def as_server_administrator(rooms: Rooms) -> Operator:
    """The server's administrator at a shell, with the server's own client programs."""
    login, server = rooms.server.admin, rooms.server
    at = {
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": login.user,
        "PGPASSWORD": login.password.get_secret_value(),
        "PATH": f"{client_binaries(wheel_major()).bindir}:{os.environ['PATH']}",
    }
    return Operator(rooms.person.folder, at, rooms.person.done)


def backups(rooms: Rooms) -> None:
    """Looked at, thinned out, and copied to a folder that is mounted."""
    do = rooms.person.follow
    assert "proven" in do("cutter backup list")
    do("cutter backup prune --keep 7 --days 30")
    elsewhere = rooms.person.folder / "elsewhere"
    do("cutter backup copy --to s3://BUCKET/FOLDER", {"s3://BUCKET/FOLDER": str(elsewhere)})
    assert len(list(elsewhere.iterdir())) == len(("backup", "manifest"))


def evidence(rooms: Rooms, change_set: str) -> None:
    """A bundle is verified by the keys that `cutter audit` names."""
    said = rooms.person.follow("cutter audit")
    bundle = rooms.home / "runs" / change_set
    rooms.person.follow(
        "cutter evidence verify runs/CHANGE_SET/evidence-0001 --key EXECUTOR --key VERIFIER",
        {
            "runs/CHANGE_SET": str(bundle),
            "EXECUTOR": word_after("key of cutter_exec in force", said),
            "VERIFIER": word_after("key of cutter_verify in force", said),
        },
    )


def stolen_login(rooms: Rooms) -> None:
    """The document is cleared under a halt, and the login gets another password."""
    do = rooms.person.follow
    do('cutter halt --reason "the executor\'s login was stolen"')
    for form in ("--plan", "--apply"):
        do(
            f'cutter db clear CODE --by Ann --reason "..." {form}',
            {"CODE": "museum"},
            plus=rooms.admin,
        )
    do("cutter secrets set exec", plus=f"--password-file {new_password(rooms, 'cutter_exec')}")
    do('cutter lift --by Ann --reason "..."', plus=rooms.admin)


def upgrade(rooms: Rooms) -> None:
    """The database goes back a version, as the guide's last sentence says it, and is upgraded."""
    do = rooms.person.follow
    do("cutter status")
    do('cutter halt --reason "an upgrade"')
    do("cutter backup make && cutter backup verify")
    last = migrations()[-1]
    with rooms.server.connect("knowledge") as conn:  # as if that release had been here
        had = "INSERT INTO cutter.cutter_schema (version, sources_sha256) VALUES (%s, 'its')"
        conn.execute(had, (last.version - 1,))
    admin = as_server_administrator(rooms)
    admin.follow(
        f"psql --dbname=NAME --set=ON_ERROR_STOP=1 --single-transaction"
        f" --file=adapters/postgres/schema/migrations/{last.name}/revert.sql"
        f" --command='DELETE FROM cutter.cutter_schema WHERE version > {last.version - 1}'",
        {"NAME": "knowledge", "adapters/": f"{PROJECT}/adapters/"},
    )
    planned = do("cutter db upgrade --plan --admin postgres", plus=rooms.admin)
    assert last.name in planned, planned
    do("cutter db upgrade --apply --admin postgres", plus=rooms.admin)
    assert "1 finding forbids" in do("cutter doctor", status=REFUSED)
    do('cutter lift --by Ann --reason "the upgrade is done"', plus=rooms.admin)


def restore(rooms: Rooms, change_set: str) -> None:
    """A backup that was made under a halt comes back into another database, which is halted too."""
    rooms.person.shell('cutter halt --reason "the database is lost"')
    backup = newest_backup(rooms)
    settings = {**rooms.person.settings, "DOT_CUTTER_DB_NAME": "restored"}
    person = Operator(rooms.person.folder, settings, rooms.person.done)
    person.follow("cutter backup restore FILE --admin postgres", {"FILE": backup}, plus=rooms.admin)
    person.follow("cutter doctor --register", status=REFUSED)  # it was made under a halt
    person.shell(f'cutter lift --by Ann --reason "it came back" {rooms.admin}')
    person.follow("cutter doctor --register")
    said = person.follow("cutter audit", status=DIFFERS)
    assert said.count("No head of the history of") == len(("LAW", "museum")), said
    person.follow("cutter evidence make CHANGE_SET", {"CHANGE_SET": change_set})
    rooms.person.shell(f'cutter lift --by Ann --reason "it is not lost" {rooms.admin}')


def lost_home(rooms: Rooms, change_set: str) -> None:
    """A new home of the same database, with the secrets that Prefect still has."""
    home = rooms.person.folder / "second"
    settings = {**rooms.person.settings, "CUTTER_HOME": str(home)}
    person = Operator(rooms.person.folder, settings, rooms.person.done)
    person.follow("cutter init")
    write_logins(home)
    executor = new_password(rooms, "cutter_exec")
    person.follow("cutter secrets set exec", plus=f"--password-file {executor}")
    verifier = new_password(rooms, "cutter_verify")
    person.shell(f"cutter secrets set verify --password-file {verifier}")
    for who in ("exec", "verify"):
        person.shell(f"cutter key make {who}")
        person.shell(f"cutter key register {who} --admin postgres {rooms.admin}")
    person.follow("cutter restore home")
    person.follow("cutter status")
    person.follow("cutter evidence make CHANGE_SET", {"CHANGE_SET": change_set})
    person.follow("cutter backup make")


def verifier_apart(rooms: Rooms) -> None:
    """The verifier's own home, with password and key in files; it stays, answers, and ends."""
    do = rooms.person.follow
    home = rooms.person.folder / "apart"
    verifier = new_password(rooms, "cutter_verify")
    own = {AS_VERIFIER: f"cutter --home {home}"}
    do(
        "cutter --home /var/lib/cutter-verifier init --user cutter-verifier",
        {"/var/lib/cutter-verifier": str(home), "--user cutter-verifier": f"--user {rooms.me}"},
    )
    write_logins(home)
    do(f"{AS_VERIFIER} secrets set verify --to-file", own, plus=f"--password-file {verifier}")
    do(f"{AS_VERIFIER} key make verify --to-file --public verify.pub", own)
    do("cutter key register verify --public verify.pub --admin postgres", plus=rooms.admin)
    do(f"{AS_VERIFIER} doctor --register", own)
    with rooms.staying(f"{AS_VERIFIER} verifier", "is there", own):
        wait_for((home / "state" / FILE_NAME).exists, 60)
        do(f"{AS_VERIFIER} verifier --check", own)
    do(f"{AS_VERIFIER} verifier --once", own)
