"""`cutter feed`, `cutter diff` and `cutter show --raw`: what changed, and whole texts."""

from __future__ import annotations

import sys
from uuid import UUID

from rich.console import Console
from rich.text import Text

from cli.json_output import as_json_line
from cli.terminal import words as safe
from cli.units.reading_out import Wanted, answered, reading
from domain.counted import counted
from domain.errors import BadInput
from domain.reading.hidden_characters import plain
from domain.revision.words import Stretch, word_difference


def feed_command(
    console: Console, code: str | None, *, since: int, limit: int, as_json: bool
) -> None:
    """List what was enacted, in order. Raises `BadInput` for a number without its document."""
    if since and code is None:
        raise BadInput("Each document has numbers of its own; name the one that --since counts in.")
    with reading() as reader:
        changes = reader.changes(code, since, limit)
    if as_json:
        for one in changes:
            print(as_json_line(one._asdict()))
        return
    for one in changes:
        console.print(
            f"{one.seq:>7,}  {one.changed_at:%Y-%m-%d %H:%M:%S}  {one.kind:<9}  "
            f"[bold]{safe(one.address)}[/bold]  version {one.version_no or '-'}",
            highlight=False,
            soft_wrap=True,
        )
    most = ", as many as --limit allows" if len(changes) == limit else ""
    console.print(f"{counted(len(changes), 'change')}{most}.", highlight=False)


def diff_command(console: Console, wanted: Wanted, old: int, new: int, *, as_json: bool) -> None:
    """Show what differs between two versions of a unit, word by word. Raises `UnitNotFound` and
    `CannotSay`.
    """
    if as_json:
        from tasks.questions import asking

        asked = asking.Asked(wanted.named, wanted.code)
        answered(lambda reader, target: asking.difference(reader, asked, old, new, target))
        return
    with reading() as reader:
        from adapters.likeness import RapidLikeness
        from tasks.records.units import unit_meant

        address = unit_meant(reader, wanted.named, wanted.code).address
        before = reader.unit(address, version_no=old)
        after = reader.unit(address, version_no=new)
    stretches = word_difference(before.body, after.body, RapidLikeness())
    console.print(f"[bold]{safe(address)}[/bold]  {old} -> {new}", highlight=False)
    if before.body == after.body:
        console.print("The text is the same.")
        return
    console.print(_marked(stretches))


def raw_command(
    console: Console, code: str, change_set: str | None, *, raw: bool, as_json: bool
) -> None:
    """The whole text of a document as a change set has it; raw, its very bytes and nothing else.

    Raises `UnitNotFound`, and `BadInput` for what is no id, and for bytes to a terminal, which they
    could control.
    """
    if raw and sys.stdout.isatty():
        raise BadInput("--raw is for a file or a program: add > FILE, or leave --raw out.")
    with reading() as reader:
        whole = reader.whole_text(code, _id(change_set) if change_set else None)
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(whole.text.encode())
        sys.stdout.buffer.flush()
    elif as_json:
        print(as_json_line(whole._asdict()))
    else:
        for line in whole.text.split("\n"):
            console.print(plain(line), highlight=False, markup=False, soft_wrap=True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{text!r} is no id of a change set; `cutter feed` shows them.") from None


def _marked(stretches: list[Stretch]) -> Text:
    """The new text, with what was taken out as [-words-] and what was put in as {+words+}."""
    shown = Text()
    for one in stretches:
        if one.equal:
            shown.append(_plain(one.new))
            continue
        if one.old:
            shown.append(f"[-{_plain(one.old)}-]", style="red")
        if one.new:
            shown.append(f"{{+{_plain(one.new)}+}}", style="green")
    return shown


def _plain(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
