"""A sealed bundle: no byte, record or file can be changed, taken away, added or moved without being
found.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from adapters.evidence.files import NAMES
from adapters.evidence.seal import (
    ENVELOPE,
    INDEX,
    Index,
    SealBroken,
    check_files,
    check_signature,
    seal,
)
from adapters.evidence.verify import verify
from domain.approval import dsse
from domain.evidence.bundle import PAYLOAD_TYPE, Verdict
from tests.support.evidence import Keys, made_bundle, new_keys, sealed

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def keys() -> Keys:
    return new_keys()


@pytest.fixture(scope="module")
def small(keys: Keys) -> Files:
    """A bundle of four units."""
    return sealed(made_bundle(keys), keys)


@pytest.fixture(scope="module")
def large(keys: Keys) -> Files:
    """A bundle of 1,100 units."""
    return sealed(made_bundle(keys, 1000), keys)


def index_of(files: Files) -> Index:
    return check_signature(files[INDEX], files[ENVELOPE])


def is_found(index: Index, files: Files) -> bool:
    """Whether the files are found not to be what the index says.

    The index's own signature is not asked: it is untouched.
    """
    try:
        check_files(index, files)
    except SealBroken:
        return True
    return False


def is_refused(files: Files) -> bool:
    return verify(files).verdict is Verdict.BROKEN


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]


def test_an_untouched_bundle_is_proved(small: Files, large: Files) -> None:
    assert verify(small).verdict is Verdict.PROVED
    assert verify(large).verdict is Verdict.PROVED
    assert (*NAMES, INDEX, ENVELOPE) == tuple(small), "every file is there, the signed one last"


def test_a_flip_of_any_byte_of_any_file_is_found(small: Files) -> None:
    index, places = index_of(small), 0
    for name in NAMES:
        for at in range(len(small[name])):
            places += 1
            assert is_found(index, small | {name: flipped(small[name], at)}), (name, at)
    assert places > 10_000
    for name in (INDEX, ENVELOPE):
        for at in range(len(small[name])):
            with pytest.raises(SealBroken):
                index_of(small | {name: flipped(small[name], at)})


def test_a_flip_is_found_by_the_whole_verification_too(small: Files) -> None:
    for name, content in small.items():
        for at in range(0, len(content), max(1, len(content) // 12)):
            assert is_refused(small | {name: flipped(content, at)}), (name, at)


def test_truncation_at_any_length_is_found(small: Files) -> None:
    index = index_of(small)
    for name in NAMES:
        for length in range(len(small[name])):
            assert is_found(index, small | {name: small[name][:length]}), (name, length)
    for name in (INDEX, ENVELOPE):
        for length in range(len(small[name])):
            with pytest.raises(SealBroken):
                index_of(small | {name: small[name][:length]})


def test_trailing_bytes_are_found(small: Files) -> None:
    for name in small:
        for more in (b"\n", b" ", b"\x00", b"{}\n"):
            assert is_refused(small | {name: small[name] + more}), (name, more)


def test_a_missing_added_or_renamed_file_is_found(small: Files) -> None:
    for name in small:
        rest = {other: content for other, content in small.items() if other != name}
        assert is_refused(rest), f"without {name}"
        assert is_refused(rest | {f"{name}.bak": small[name]}), f"{name} renamed"
        assert is_refused(rest | {name.upper(): small[name]}), f"{name} in capitals"
    for name in ("notes.txt", "rows.jsonl.part", ""):
        assert is_refused(small | {name: b""}), f"{name} added"


def test_two_files_that_have_changed_places_are_found(small: Files) -> None:
    for one, other in itertools.combinations(small, 2):
        if small[one] != small[other]:
            assert is_refused(small | {one: small[other], other: small[one]}), (one, other)


def edits(lines: list[bytes], at: int) -> Iterator[list[bytes]]:
    """What can happen to one record: taken out, doubled, moved, changed, and cut off from there
    on.
    """
    yield lines[:at] + lines[at + 1 :]
    yield lines[: at + 1] + lines[at:]
    yield lines[:at]
    if at + 1 < len(lines):
        yield [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
    middle = len(lines[at]) // 2
    yield [*lines[:at], flipped(lines[at], middle), *lines[at + 1 :]]


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".jsonl")])
def test_any_edit_of_any_record_of_a_large_bundle_is_found(large: Files, name: str) -> None:
    index, lines = index_of(large), large[name].splitlines(keepends=True)
    assert len(lines) > 1000 or name not in ("plan-rows.jsonl", "rows.jsonl")
    for at in range(len(lines)):
        for edited in edits(lines, at):
            assert is_found(index, large | {name: b"".join(edited)}), (name, at)


def test_a_file_that_was_sealed_in_another_bundle_is_found(small: Files, keys: Keys) -> None:
    """Each bundle is right in itself; parts of two do not make a third."""
    other = sealed(made_bundle(keys, 4), keys)
    for name in small:
        if other[name] != small[name]:
            assert is_refused(small | {name: other[name]}), name


def test_an_index_that_leaves_files_out_or_reorders_them_is_refused_though_it_is_signed(
    small: Files, keys: Keys
) -> None:
    contents = {name: small[name] for name in NAMES}
    change_set_id = index_of(small).change_set_id
    for names in (NAMES[:-1], NAMES[1:], tuple(reversed(NAMES)), (*NAMES, "more.txt")):
        chosen = {name: contents.get(name, b"") for name in names}
        assert is_refused(contents | chosen | seal(chosen, change_set_id, True, keys.executor)), (
            names
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"finished":true', b'"finished": true'),
        (b"iu-cutter evidence 1", b"iu-cutter evidence 2"),
        (b'"finished":true,', b""),
    ],
)
def test_an_index_in_another_form_is_refused_though_it_is_signed(
    small: Files, keys: Keys, old: bytes, new: bytes
) -> None:
    assert old in small[INDEX]
    payload = small[INDEX].replace(old, new)
    signature = keys.executor.sign(dsse.signed_bytes(PAYLOAD_TYPE, payload))
    envelope = (
        dsse.Envelope(PAYLOAD_TYPE, payload, keys.executor.key_id, signature).text().encode()
        + b"\n"
    )
    with pytest.raises(SealBroken, match=INDEX):
        check_signature(payload, envelope)


def test_a_signature_over_another_kind_of_document_is_no_seal(small: Files, keys: Keys) -> None:
    """What the executor has signed elsewhere can not be passed off as a bundle's index."""
    kind = "application/vnd.iu-cutter.approval+json"
    signature = keys.executor.sign(dsse.signed_bytes(kind, small[INDEX]))
    for named in (kind, PAYLOAD_TYPE):
        envelope = (
            dsse.Envelope(named, small[INDEX], keys.executor.key_id, signature).text().encode()
            + b"\n"
        )
        with pytest.raises(SealBroken):
            check_signature(small[INDEX], envelope)


def test_a_seal_by_another_key_under_the_old_name_is_refused(small: Files, keys: Keys) -> None:
    class Impostor:
        key_id = keys.executor.key_id
        public_key = keys.executor.public_key

        def sign(self, payload: bytes) -> bytes:
            return keys.verifier.sign(payload)

    contents = {name: small[name] for name in NAMES}
    assert is_refused(contents | seal(contents, index_of(small).change_set_id, True, Impostor()))


def test_a_seal_by_a_key_that_is_not_the_executors_is_refused(small: Files, keys: Keys) -> None:
    contents = {name: small[name] for name in NAMES}
    report = verify(contents | seal(contents, index_of(small).change_set_id, True, keys.verifier))
    assert [check.name for check in report.checks if check.outcome == "FAILS"] == ["index"]


def test_an_index_of_another_change_set_or_outcome_is_refused(small: Files, keys: Keys) -> None:
    contents = {name: small[name] for name in NAMES}
    change_set_id = index_of(small).change_set_id
    assert (
        verify(contents | seal(contents, change_set_id, True, keys.executor)).verdict
        is Verdict.PROVED
    )
    assert is_refused(contents | seal(contents, change_set_id, False, keys.executor))
    assert is_refused(contents | seal(contents, change_set_id[:-1] + "0", True, keys.executor))
