"""What is editorial, what needs a look, and what is a change of words."""

from __future__ import annotations

import pytest

from domain.revision.editorial import text_difference
from domain.revision.units import own_text


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("The board.", "The board.", "none"),
        ("The  board\nmeets.", "The board meets.", "layout"),
        ("## 1\\. Scope", "### **1. Scope**", "layout"),
        ("* one\n* two", "- one\n- two", "layout"),
        ("&quot;fish&quot; &amp; ice", "“fish” & ice", "layout"),
        ("a – b", "a - b", "layout"),
        ("z. B. Eis", "z.B. Eis", "layout"),
        ("dai\u00adry", "dairy", "layout"),
        ("caf\u00e9", "cafe\u0301", "layout"),
        ("日本\n語", "日本語", "layout"),
        ("fish, ice", "fish ice", "punctuation"),
        ("The board meets.", "The board meets", "punctuation"),
        ("the rapist", "therapist", "punctuation"),
        ("1 000 kg", "1000 kg", "punctuation"),
        ("The Board", "the board", "case"),
        ("1.5 kg", "15 kg", "words"),
        ("-5 degrees", "5 degrees", "words"),
        ("5 %", "5", "words"),
        ("5\u00b2 m", "52 m", "words"),
        ("5 * 3", "53", "words"),
        ("more than <5", "more than >5", "words"),
        ("fish", "ice", "words"),
        ("", "fish", "words"),
    ],
)
def test_how_two_texts_differ(old: str, new: str, difference: str) -> None:
    assert text_difference(old, new).value == difference
    assert text_difference(new, old).value == difference


@pytest.mark.parametrize(
    ("body", "number", "label", "own"),
    [
        ("### § 12 Scope\n\nThis act\n  applies.\n", "12", "§ 12", "Scope This act applies."),
        ("**Article 1**\\. Scope", "1", "Article 1", "Scope"),
        ("Điều 12a. Phạm vi", "12a", "", "Phạm vi"),
        ("§ 1.01 - Words", "1.01", "§ 1.01", "Words"),
        ("Section 5\nThe board", "5", "", "The board"),
        ("The board has 5 members", "", "", "The board has 5 members"),
        ("A long title that runs on and on and on until, at last, comes 5", "5", "", None),
        ("", "5", "Article 5", ""),
    ],
)
def test_own_text_is_without_the_number(
    body: str, number: str, label: str, own: str | None
) -> None:
    assert own_text(body, number, label) == (" ".join(body.split()) if own is None else own)
