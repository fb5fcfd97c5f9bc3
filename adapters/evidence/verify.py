"""Verify a bundle from its files alone: no database, no Prefect, nothing but Python and
`cryptography`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from adapters.evidence.files import NotInForm, decode
from adapters.evidence.seal import ENVELOPE, INDEX, Index, SealBroken, check_files, check_signature
from adapters.keys.signing import signature_is_valid
from domain.errors import BadInput
from domain.evidence.bundle import Bundle, Check, EvidenceReport, Outcome
from domain.evidence.rules import examine

LARGEST_FILE: Final = 1 << 30
"""Bytes. A bundle of 100,000 units has 60 MB; what is larger than this is not ours to load."""
_LITTER: Final = frozenset({".DS_Store", ".directory", "Thumbs.db", "ehthumbs.db", "desktop.ini"})
"""macOS, KDE and Windows; macOS also leaves `._NAME` beside each NAME on other file systems."""
T = TypeVar("T")


def verify_folder(folder: Path, pins: Collection[str] = ()) -> EvidenceReport:
    """Verify the bundle in a folder.

    `pins` are SHA-256 hashes of public keys, hexadecimal, that are known from elsewhere.

    Raises `BadInput` if there is no bundle that could be read.
    """
    report = verify(read_folder(folder), pins, name=str(folder))
    if not (litter := litter_in(folder)):
        return report
    beside = Check(
        "other files",
        Outcome.HOLDS,
        f"beside the bundle lies what a file manager leaves, not looked at: {', '.join(litter)}",
    )
    return replace(report, checks=(*report.checks, beside))


def litter_in(folder: Path) -> list[str]:
    """Names of the files that file managers leave in a folder that somebody looks at or copies.

    They are no part of what was sealed and say nothing against it. Any other file does.
    """
    return sorted(
        path.name
        for path in folder.iterdir()
        if (path.name in _LITTER or path.name.startswith("._"))
        and path.is_file()
        and not path.is_symlink()
    )


def bundles_in(folder: Path) -> list[Path]:
    """The bundles that a change set's folder holds, oldest first; none if it is a bundle itself or
    holds none.
    """
    return sorted(path for path in folder.glob("*/") if (path / INDEX).exists())


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name, but those of file managers.

    Raises `BadInput`, also for what is not a plain file of sensible size.
    """
    if not folder.is_dir():
        raise BadInput(
            f"{folder} is not a folder; name a bundle, such as runs/CHANGE_SET/evidence-0001."
        )
    if inside := bundles_in(folder):
        names = ", ".join(path.name for path in inside)
        raise BadInput(f"{folder} holds bundles and is none; name one of them: {names}.")
    try:
        found = {}
        litter = litter_in(folder)
        for path in sorted(folder.iterdir()):
            if path.name in litter:
                continue
            if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
                raise BadInput(
                    f"{path} is not a plain file of a bundle; take it away and verify again."
                )
            found[path.name] = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{folder} can not be read: {error.strerror}.") from None
    if not found:
        raise BadInput(f"{folder} is empty; name a bundle, such as runs/CHANGE_SET/evidence-0001.")
    return found


def verify(
    contents: Mapping[str, bytes], pins: Collection[str] = (), *, name: str = ""
) -> EvidenceReport:
    """Verify a bundle given as its files' contents.

    What is inside is looked at only if the seal holds.
    """
    checks: list[Check] = []
    index = _step(
        checks,
        "seal",
        lambda: check_signature(contents.get(INDEX, b""), contents.get(ENVELOPE, b"")),
    )
    if index is None:
        return _report(name, None, checks, None, pins)
    checks[-1] = Check("seal", Outcome.HOLDS, f"the index is signed with key {index.key_id}")
    sealed = _step(checks, "files", lambda: check_files(index, contents))
    bundle = _step(checks, "form", lambda: decode(contents)) if sealed is not None else None
    if bundle is not None:
        checks += [_of_this_bundle(index, bundle), *examine(bundle, signature_is_valid)]
    checks += _pinned(index, bundle, pins)
    return _report(name, index, checks, bundle, pins)


def _step(checks: list[Check], name: str, work: Callable[[], T]) -> T | None:
    """Do it and note how it went; None if it failed."""
    try:
        done = work()
    except (SealBroken, NotInForm, KeyError) as fault:
        checks.append(Check(name, Outcome.FAILS, str(fault)))
        return None
    checks.append(Check(name, Outcome.HOLDS, _STEPS[name]))
    return done


_STEPS: Final = {
    "seal": "",
    "files": "all files are there, in order, byte for byte",
    "form": "every file is in the one form that it is written in",
}


def _of_this_bundle(index: Index, bundle: Bundle) -> Check:
    """The index says what the bundle is of, and its key was the executor's as far as the bundle
    knows.
    """
    holds = index.change_set_id == str(bundle.run.change_set_id) and index.finished == bundle.stands
    if not holds:
        return Check(
            "index",
            Outcome.FAILS,
            "the index is of another change set or another outcome than the files",
        )
    if not bundle.keys:
        return Check(
            "index",
            Outcome.ABSENT,
            "the database was not asked, so nobody says whose key sealed the bundle",
        )
    wanted = (index.key_id, "cutter_exec", index.public_key)
    if wanted not in [(key.key_id, key.principal, key.public_key) for key in bundle.keys]:
        return Check(
            "index",
            Outcome.FAILS,
            "the bundle is sealed with a key that is not registered for cutter_exec",
        )
    return Check(
        "index", Outcome.HOLDS, f"of change set {index.change_set_id}, sealed by cutter_exec"
    )


def _pinned(index: Index, bundle: Bundle | None, pins: Collection[str]) -> Iterator[Check]:
    """With pins, the keys of both principals have to be among them; the approvers' keys may be."""
    if not pins:
        return
    strange = [
        f"{who} {key_id}" for who, key_id in _principals(index, bundle) if key_id not in pins
    ]
    if strange:
        yield Check(
            "pinned keys",
            Outcome.FAILS,
            f"not among the keys that you have named: {', '.join(strange)}",
        )
    else:
        yield Check(
            "pinned keys", Outcome.HOLDS, "seal and signatures are of keys that you have named"
        )


def _principals(index: Index, bundle: Bundle | None) -> list[tuple[str, str]]:
    halves = [(half.half, half.key_id) for half in bundle.halves] if bundle else []
    return list(dict.fromkeys([("seal", index.key_id), *halves]))


def _report(
    name: str,
    index: Index | None,
    checks: list[Check],
    bundle: Bundle | None,
    pins: Collection[str],
) -> EvidenceReport:
    used = _principals(index, bundle) if index else []
    if bundle is not None:
        used += [
            (f"approver {a.person}", a.key_id)
            for permit in bundle.permits
            for a in permit.approvals
        ]
        used += [
            (f"policy {permit.policy.person}", permit.policy.key_id)
            for permit in bundle.permits
            if permit.policy is not None
        ]
    unpinned = tuple(dict.fromkeys(f"{who} {key_id}" for who, key_id in used if key_id not in pins))
    return EvidenceReport(name, index.change_set_id if index else "", tuple(checks), unpinned)
