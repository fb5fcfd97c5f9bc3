"""German: Buch, Teil, Kapitel, Abschnitt, Unterabschnitt, Titel, Untertitel, § and Artikel, also
nested (`Art 229 § 1`).

Source: Handbuch der Rechtsförmlichkeit, 3rd edition, part B.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    LETTER,
    ROMAN,
    SPACED,
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    basic,
    container,
    words,
)

# Ordinals up to 49: `Erster`, `Zwölftes`, `Siebzehnter`, `Einundzwanzigster`.
_ORDINAL: Final = (
    r"(?:(?:Ein|Zwei|Drei|Vier|Fünf|Sechs|Sieben|Acht|Neun)?(?:und)?"
    r"(?:[Zz]wanzig|[Dd]reißig|[Vv]ierzig)ste"
    r"|Erste|Zweite|Dritte|Vierte|Fünfte|Sechste|Sieb(?:en)?te|Achte|Neunte|Zehnte|Elfte|Zwölfte"
    r"|(?:Drei|Vier|Fünf|Sech|Sieb|Acht|Neun)zehnte)[rs]?"
)
# Without the Latin suffixes of other languages: `3 bis 6` is a range.
_ARABIC: Final = r"\d{1,5}(?:[a-z]{1,3}\b|\.\d+)*"
_NUMBERS: Final = (ROMAN, _ARABIC, LETTER)
# Containers, outermost first, each with its kind.
_CONTAINERS: Final = (
    ("book", "Buch"),
    ("part", "Teil"),
    ("division", "Hauptstück"),
    ("chapter", "Kapitel"),
    ("section", "Abschnitt"),
    ("subsection", "Unterabschnitt"),
    ("title", "Titel"),
    ("subsection", "Untertitel"),
)

DE: Final = Profile(
    name="de",
    words=(
        *(container(kind, word, numbers=_NUMBERS) for kind, word in _CONTAINERS),
        *(
            after_number(
                kind,
                UnitRole.CONTAINER,
                word,
                numbers=(_ORDINAL, r"\d{1,3}\."),
                initials=r"\dADEFNSVZdvuz",
            )
            for kind, word in _CONTAINERS
        ),
        basic(
            "article",
            "Artikel",
            "Art.",
            "Art",
            numbers=(
                rf"\d+[a-z]?\s+§§?\s*{_ARABIC}",
                SPACED,
                _ARABIC,
                ROMAN,
            ),  # `Art 229 § 1`, `Art 5`
        ),
        basic("section", "§§", "§", numbers=(SPACED, _ARABIC)),
        annex(
            "annex",
            "Anlage",
            "Anhang",
            numbers=(r"[IVXLC]+\b(?:[ ](?:Kap|[IVXLC]+|[A-Z])\b)*", _ARABIC, LETTER),
        ),
        alone("preamble", UnitRole.PREAMBLE, "Präambel", "Eingangsformel", "Vorspruch"),
        alone("conclusions", UnitRole.CONCLUSIONS, "Schlussformel", "Schlußformel"),
    ),
    stop_words=words(
        "der | die | und | des | den | nicht | von | mit | nach | oder | für | ist | einer | dem | "
        "das"
    ),
    joins=("bis", "und"),
    prefixes=(r"XXXX\)[ ]*",),
    reference_after=words(
        "Abs | Absatz | Absätze | Satz | Nr | Nummer | Buchstabe | des | der | dieses | dieser | "
        "und | oder | bis | sowie | Unterabsatz | Alternative | in | gilt | ist | sind | GG | "
        "BGB | Halbsatz | finden | bleibt"
    ),
    reference_before=words(
        "nach | des | der | dem | gemäß | in | im | von | und | oder | bis | die | den | mit | "
        "zu | auf | aus | nach | sowie | Anlage | § | §§ | Artikel | Sinne | gegen"
    ),
    contents=("Inhaltsverzeichnis", "Inhaltsübersicht", "Inhalt"),
    closings=(r"Der Bundespräsident\b", r"Die Bundeskanzlerin\b", r"Der Bundeskanzler\b"),
    quotes=(("„", "“"), ("»", "«"), ('"', '"')),
    mixed_kinds=True,
    sub_forms=("(1)", "1.", "a)", "aa)"),
)
