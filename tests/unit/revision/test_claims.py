"""What the instructions of amending acts say, in four languages."""

from __future__ import annotations

import pytest

from domain.amending.claims import Claim
from domain.amending.reading import read_claims
from domain.errors import BadInput

ENGLISH = [
    ("In section 5, for “quay” substitute “pier”.", "change 5"),
    ("In section 5(2), after paragraph (a) insert— “(b) ice”", "change 5 in part"),
    ("For section 5 substitute— “5 Fees A fee is due.”", "change 5"),
    ("Section 5 (fees) is amended as follows.", "change 5"),
    ("Section 5, as defined in section 3, is amended.", "change 5"),
    ("Section 12 of the Harbours Act is amended by striking “a” and inserting “b”.", "change 12"),
    ("Article 5 is replaced by the following: “Article 5 Ice”", "change 5"),
    ("Sections 5 to 7 and 9 are repealed.", "repeal 5, repeal 6, repeal 7, repeal 9"),
    ("Section 5 (fees) is repealed.", "repeal 5"),
    ("Section 5(3) is repealed.", "change 5 in part"),
    ("Subsection (2) of section 6 is omitted.", "change 6 in part"),
    ("Articles 3 and 4 shall be deleted.", "repeal 3, repeal 4"),
    ("Omit section 12.", "repeal 12"),
    ("After section 7 insert—\n“7A Fees\nA fee is due.”", "add 7A"),
    ("After section 7, there is inserted section 7A.", "add 7A"),
    ("The following section is inserted after section 7: “Section 7A. Fees”", "add 7A"),
    ("is amended by inserting after section 106 the following: “SEC. 106A. ICE.”", "add 106A"),
    ("After section 5(2) insert— “(3) Ice is weighed.”", "change 5 in part"),
    ("Section 8 is renumbered as section 9.", "renumber 8 as 9"),
    ("In Schedule 2, omit paragraph 4.", "change annex 2"),
    ("For the purposes of section 3, a person is bound by section 4.", ""),
    ("This Act comes into force as section 2 provides.", ""),
    ("Section 4 ceases to have effect.", "repeal 4"),
    ("Section 3 shall cease to have effect.", "repeal 3"),
    ("Article 17 shall read as follows: “Article 17 Fees are due.”", "change 17"),
    ("Leave out section 19.", "repeal 19"),
    (
        "For section 15 there is substituted the following section—\n“15 Appeals\nAn appeal lies.”",
        "change 15",
    ),
    ("Section 30 is hereby redesignated as section 31.", "renumber 30 as 31"),
    ("This Act ceases to have effect at the end of 2030.", ""),
]
GERMAN = [
    ("§ 5 wird wie folgt geändert:", "change 5"),
    ("In § 5 Absatz 2 wird das Wort „Kai“ durch das Wort „Pier“ ersetzt.", "change 5 in part"),
    ("§ 5 erhält folgende Fassung:", "change 5"),
    ("Dem § 5 wird folgender Absatz 3 angefügt: „(3) Eis“", "change 5"),
    ("Die Überschrift des § 6 wird wie folgt gefasst:", "change 6 in part"),
    ("Artikel 3 Absatz 2 wird wie folgt gefasst:", "change 3 in part"),
    ("§ 9 wird aufgehoben.", "repeal 9"),
    ("Die §§ 10 bis 12 werden aufgehoben.", "repeal 10, repeal 11, repeal 12"),
    ("§ 5 Abs. 2 Satz 1 wird aufgehoben.", "change 5 in part"),
    ("Nach § 7 wird folgender § 7a eingefügt:\n„§ 7a Gebühren\nSie sind fällig.“", "add 7a"),
    ("Nach § 20 werden die folgenden §§ 20a und 20b eingefügt:", "add 20a, add 20b"),
    ("Folgender § 13 wird angefügt:", "add 13"),
    ("Nach § 5 Absatz 2 wird folgender Absatz 2a eingefügt:", "change 5 in part"),
    ("Der bisherige § 8 wird § 9.", "renumber 8 as 9"),
    ("Die bisherigen §§ 8 und 9 werden die §§ 9 und 10.", "renumber 8 as 9, renumber 9 as 10"),
    ("In Anlage 1 wird Nummer 3 gestrichen.", "change annex 1"),
    ("Im Sinne des § 5 gilt § 6.", ""),
    ("§ 11 entfällt.", "repeal 11"),
    ("Die Anlage 3 entfällt.", "repeal annex 3"),
    ("§ 12 tritt außer Kraft.", "repeal 12"),
    ("Artikel 4 tritt am 1. Januar 2027 außer Kraft.", "repeal 4"),
    ("Anlage 2 erhält die aus dem Anhang ersichtliche Fassung.", "change annex 2"),
    ("In den §§ 3 und 4 wird jeweils das Wort „Hafen“ gestrichen.", "change 3, change 4"),
    ("Vor § 1 wird folgende Inhaltsübersicht eingefügt:", ""),
]
VIETNAMESE = [
    ("Khoản 2 Điều 5 được sửa đổi, bổ sung như sau:", "change 5 in part"),
    ("1. Sửa đổi, bổ sung Điều 6 như sau:", "change 6"),
    ("Sửa đổi, bổ sung các khoản 2, 3 và 4 Điều 51 như sau:", "change 51 in part"),
    ("Điều 8. Sửa đổi, bổ sung một số khoản của Điều 10", "change 10 in part"),
    (
        "Thay thế cụm từ “bến” bằng cụm từ “cảng” tại khoản 2 Điều 4, Điều 5, tên Chương II, Điều 9.",
        "change 4 in part, change 5, change 9",
    ),
    ("Bổ sung khoản 4 vào sau khoản 3 Điều 10 như sau:", "change 10 in part"),
    ("Bổ sung Điều 6a vào sau Điều 6 như sau:", "add 6a"),
    ("Bãi bỏ Điều 44, Điều 46 và khoản 1 Điều 48.", "repeal 44, repeal 46, change 48 in part"),
    ("Điều 9 được bãi bỏ.", "repeal 9"),
    ("Bổ sung Mục 2a vào sau Mục 2 Chương IV", ""),
    ("Điều 30 hết hiệu lực.", "repeal 30"),
    ("Các điều 40 và 41 hết hiệu lực kể từ ngày 01 tháng 7 năm 2027.", "repeal 40, repeal 41"),
    ("Đổi thứ tự Điều 22 thành Điều 23.", "renumber 22 as 23"),
    ("Bổ sung Điều 20a và Điều 20b vào sau Điều 20 như sau:", "add 20a, add 20b"),
    ("Nghị định này có hiệu lực từ ngày 01 tháng 01 năm 2027.", ""),
]
FRENCH = [
    ("L'article 3 est ainsi rédigé :", "change 3"),
    ("L’article 3 est ainsi modifié :", "change 3"),
    ("À l'article 5, les mots : « quai » sont remplacés par les mots : « jetée ».", "change 5"),
    ("Au premier alinéa de l'article 5, le mot « quai » est supprimé.", "change 5 in part"),
    ("L'article 5 est complété par un alinéa ainsi rédigé :", "change 5"),
    ("Le deuxième alinéa de l'article 6 est supprimé.", "change 6 in part"),
    ("L'article L. 111-1 du code est ainsi modifié :", "change L.111-1"),
    (
        "Après l'article 7, il est inséré un article 7 bis ainsi rédigé : « Art. 7 bis. »",
        "add 7bis",
    ),
    ("L'article 9 est abrogé.", "repeal 9"),
    ("Les articles 10 à 12 sont abrogés.", "repeal 10, repeal 11, repeal 12"),
    ("L'article 8 devient l'article 9.", "renumber 8 as 9"),
    ("Au sens de l'article 5, le juge est saisi.", ""),
    ("À l'article 6, les mots : « deux jours » sont supprimés ;", "change 6"),
    ("Sont abrogés les articles 15 et 16 ;", "repeal 15, repeal 16"),
    ("Est abrogée l'annexe III.", "repeal annex III"),
    ("Il est créé un article 9-1 ainsi rédigé : « Art. 9-1. – La caisse. »", "add 9-1"),
    (
        "Avant l'article 2, il est ajouté un article 1er bis ainsi rédigé : « Art. 1er bis. – Nœuds. »",
        "add 1erbis",
    ),
    ("La présente loi entre en vigueur le 1er janvier 2027.", ""),
]
ALL = [
    (language, said, meant)
    for language, cases in (("en", ENGLISH), ("de", GERMAN), ("vi", VIETNAMESE), ("fr", FRENCH))
    for said, meant in cases
]


def in_words(claim: Claim) -> str:
    annex, part = ("annex " if claim.annex else ""), (" in part" if claim.part else "")
    to = f" as {claim.to}" if claim.to else ""
    return f"{claim.says.value} {annex}{claim.number}{to}{part}"


@pytest.mark.parametrize(("language", "said", "meant"), ALL)
def test_an_instruction(language: str, said: str, meant: str) -> None:
    assert ", ".join(map(in_words, read_claims(said, language))) == meant


@pytest.mark.parametrize("language", ["en", "de", "vi", "fr"])
def test_an_act_of_all_instructions_says_what_each_says(language: str) -> None:
    cases = [(said, meant) for lang, said, meant in ALL if lang == language]
    act = "\n\n".join(said for said, _ in cases)
    claims = read_claims(act, language)
    assert [in_words(c) for c in claims] == [
        one for _, meant in cases for one in meant.split(", ") if one
    ]
    assert [claim.line for claim in claims] == sorted(claim.line for claim in claims)


def test_what_is_quoted_instructs_nothing() -> None:
    act = "For section 5 substitute—\n“5 Fees\n(1) Section 9 is repealed.\n“(2) Omit section 8.”\n"
    assert [in_words(claim) for claim in read_claims(act, "en")] == ["change 5"]
    act = "§ 5 wird wie folgt gefasst:\n„§ 5 Eis\n§ 9 wird aufgehoben.“\n§ 6 wird aufgehoben.\n"
    assert [in_words(claim) for claim in read_claims(act, "de")] == ["change 5", "repeal 6"]


def test_a_quotation_that_never_ends_hides_nothing() -> None:
    act = "In section 5 for “quay substitute pier.\n\nSection 6 is repealed.\n"
    assert "repeal 6" in [in_words(claim) for claim in read_claims(act, "en")]


def test_lines_that_are_broken_are_one_instruction() -> None:
    act = "1. Sửa đổi, bổ sung khoản 1\nĐiều 84 như sau:\n“1. Chủ tàu cân cá.”\n2. Bãi bỏ Điều 9.\n"
    claims = read_claims(act, "vi")
    assert [in_words(claim) for claim in claims] == ["change 84 in part", "repeal 9"]
    assert [claim.line for claim in claims] == [1, 4]


def test_a_language_without_a_grammar_is_refused() -> None:
    with pytest.raises(BadInput, match="there are: de, en, fr, vi"):
        read_claims("Omit section 5.", "xx")
