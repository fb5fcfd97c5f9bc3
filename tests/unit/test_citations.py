"""National citations: rendered from steps, read back to the same steps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.reading.address_steps import Step
from domain.reading.citation_styles import STYLES
from domain.reading.citations import cite_address, parse_citation, render_citation
from domain.reading.vocabulary import UNIT_KINDS


@pytest.mark.parametrize(
    ("style", "citation", "steps"),
    [
        ("vi", "điểm a khoản 2 Điều 112", "art_112 para_2 point_a"),
        ("vi", "Điều 12a", "art_12a"),
        ("vi", "khoản 3 đến 5 Điều 7", "art_7 para_3..5"),
        ("de", "§ 15b Abs. 2 Nr. 3", "sec_15b para_2 point_3"),
        ("de", "§ 1 Abs. 1 Satz 2", "sec_1 para_1 subpara_2"),
        ("de", "§§ 3 bis 6", "sec_3..6"),
        ("de", "Art. 12a Abs. 1", "art_12a para_1"),
        ("en", "Article 5(2)(a)", "art_5 para_2 point_a"),
        ("en", "Article 5(a)", "art_5 point_a"),
        ("en", "Section 40.1(3)", "sec_40.1 para_3"),
        ("us", "section 101(a)(1)(A)(iv)", "sec_101 subsec_a para_1 subpara_A clause_iv"),
        ("us", "section 101(1)", "sec_101 para_1"),
        ("it", "art. 3 bis, comma 2, lettera a)", "art_3bis para_2 point_a"),
        ("it", "artt. 3 a 6", "art_3..6"),
        ("fr", "article 5, paragraphe 2", "art_5 para_2"),
        ("fr", "article L.121-3, alinéa 2", "art_L.121-3 subpara_2"),
        ("pt", "artigo 5, n.º 2, alínea b)", "art_5 para_2 point_b"),
        ("tr", "Geçici Madde 1", "art_geçici-1"),
        ("tr", "Ek Geçici Madde 3, fıkra 2, bent a", "art_ek-geçici-3 para_2 point_a"),
        ("tr", "Ek Madde 2", "art_ek-2"),
        ("tr", "Madde 5, fıkra 1", "art_5 para_1"),
        ("az", "maddə 12-1, bənd 3, yarımbənd a", "art_12-1 para_3 point_a"),
        ("az", "maddə 12", "art_12"),
        ("az", "maddə 12.2", "art_12.2"),
        ("az", "maddə 3, bənd 1", "art_3 para_1"),
        ("az", "maddələr 3 – 5", "art_3..5"),
        ("is", "2. gr. a", "art_2a"),
        ("is", "3. tölul. 1. mgr. 2. gr. a", "art_2a para_1 point_3"),
        ("is", "1. mgr. 12. gr.", "art_12 para_1"),
        ("es", "disposición transitoria primera", "art_transitoria-primera"),
        ("es", "artículo transitorio 19", "art_transitorio-19"),
        ("es", "artículo 12 bis, apartado 2, letra a)", "art_12bis para_2 point_a"),
        ("ca", "disposició final tercera", "art_final-tercera"),
    ],
)
def test_a_citation_is_read_and_written_back_as_it_is(
    style: str, citation: str, steps: str
) -> None:
    read = parse_citation(citation, style)
    assert " ".join(map(str, read)) == steps
    assert render_citation(read, style) == citation


def test_small_differences_in_writing_are_read_the_same() -> None:
    assert parse_citation("ĐIỂM a, khoản 2, điều 112", "vi") == parse_citation(
        "điểm a khoản 2 Điều 112", "vi"
    )
    assert parse_citation("Article 5 (2) (a)", "en") == parse_citation("article 5(2)(a)", "en")


def test_an_address_is_cited_in_the_words_of_a_country() -> None:
    assert cite_address("vn.91-2015~art_5__para_2__point_a", "vi") == "điểm a khoản 2 Điều 5"


@pytest.mark.parametrize(
    ("style", "citation"),
    [
        ("vi", ""),
        ("vi", "khoản 2"),
        ("vi", "Điều 5 khoản 2"),
        ("en", "Article 5(2"),
        ("en", "Article 5(2)(a)(i)(x)(y)"),
        ("en", "5(2)"),
        ("de", "siehe § 5"),
        ("it", "comma 2, art. 3"),
        ("fr", "article 5, article 6"),
    ],
)
def test_what_is_no_citation_is_refused(style: str, citation: str) -> None:
    with pytest.raises(BadInput, match="is not a citation"):
        parse_citation(citation, style)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("para", "2"),),
        (Step("chp", "I"),),
        (Step("art", "5"), Step("point", "a b")),
        (Step("art", "5"), Step("art", "6")),
    ],
)
def test_what_a_style_can_not_say_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(BadInput, match="can not cite"):
        render_citation(steps, "it")


def test_an_unknown_style_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="'xx' is unknown; choose one of: vi, de"):
        render_citation([Step("art", "1")], "xx")


NUMBERS = st.from_regex(r"[1-9][0-9]{0,2}([b-h]|bis|ter|quater)?", fullmatch=True)
RANGES = st.tuples(st.integers(1, 99), st.integers(100, 199)).map(
    lambda pair: f"{pair[0]}..{pair[1]}"
)
LETTERS = st.sampled_from("abcdefgh")


@st.composite
def citable(draw: st.DrawFn) -> tuple[str, tuple[Step, ...]]:
    """A style and steps that it can say: each level with a number of a form that is usual there."""
    style = draw(st.sampled_from(sorted(STYLES)))
    levels = STYLES[style].levels
    steps = []
    for depth, words in enumerate(levels[: draw(st.integers(1, len(levels)))]):
        kind = draw(st.sampled_from(words)).kind
        if depth and not STYLES[style].brackets and draw(st.booleans()):
            continue
        letters = kind in ("point", "item", "subsection", "clause", "subclause")
        if STYLES[style].counted_first:  # 5(2)(a)
            letters = depth == 2
        number = draw(LETTERS if letters else NUMBERS if depth else NUMBERS | RANGES)
        steps.append(Step(UNIT_KINDS[kind], number))
    return style, tuple(steps)


@settings(max_examples=400, deadline=None)
@given(citable())
def test_reading_undoes_writing(case: tuple[str, tuple[Step, ...]]) -> None:
    style, steps = case
    citation = render_citation(steps, style)
    assert parse_citation(citation, style) == steps
    assert render_citation(parse_citation(citation, style), style) == citation


@given(st.text(max_size=40), st.sampled_from(sorted(STYLES)))
def test_any_text_is_read_or_refused_and_what_is_read_can_be_written(text: str, style: str) -> None:
    try:
        steps = parse_citation(text, style)
    except BadInput:
        return
    assert steps


# style, citation as people print it, the steps, what else people write for the same
FURTHER = [
    ("zh", "第五条第二款第三项", "art_5 para_2 point_3", "第5条第2款第（三）项"),
    ("zh", "第一百三十三条之一", "art_133-1", "第 133 条之一"),
    ("zh-tw", "第10條之1第2項", "art_10-1 para_2", "第十條之一第二項"),
    ("ja", "第二条の三第一項", "art_2-3 para_1", "第2条の3 第1項"),
    ("ko", "제5조의2제1항제3호", "art_5-2 para_1 point_3", "제5조의2 제1항 제3호"),
    ("ar", "المادة 5، الفقرة 2", "art_5 para_2", "المادة الخامسة، الفقرة ٢"),
    ("fa", "ماده ۵ بند ۲", "art_5 para_2", "ماده 5 بند 2"),
    ("th", "มาตรา ๕ วรรค ๒", "art_5 para_2", "มาตรา 5 วรรค 2"),
    ("hi", "धारा 5", "sec_5", "धारा ५"),
    ("ne", "दफा ५ उपदफा २", "sec_5 subsec_2", "दफा 5 उपदफा 2"),
    ("he", "סעיף 5א(ב)(1)", "sec_5א subsec_ב para_1", "סעיף 5א (ב)(1)"),
    ("hy", "հոդված 5, մաս 2", "art_5 para_2", "Հոդված 5, մաս 2"),
    ("ka", "მუხლი 5, პუნქტი 2", "art_5 para_2", "მუხლი 5 პუნქტი 2"),
    ("sq", "neni 5, pika 2, shkronja a", "art_5 para_2 point_a", "Neni 5 pika 2 shkronja a"),
    ("id", "Pasal 5 ayat (2) huruf a", "art_5 para_2 point_a", "pasal 5, ayat (2), huruf a"),
    ("ms", "seksyen 5(2)(a)", "sec_5 subsec_2 para_a", "Seksyen 5 (2)(a)"),
    ("fil", "Artikulo 5, talata 2", "art_5 para_2", "artikulo 5 talata 2"),
    ("sw", "Ibara ya 5(2)", "art_5 para_2", "ibara ya 5 (2)"),
    (
        "ca",
        "article 5, apartat 2, lletra a)",
        "art_5 para_2 point_a",
        "Article 5 apartat 2 lletra a)",
    ),
    ("sr", "члан 5. став 2. тачка 3)", "art_5 para_2 point_3", "Члан 5, став 2, тачка 3"),
    ("sr", "члан 2а. став 1.", "art_2а para_1", "члан 2а став 1"),
    ("sr", "члан 3 – 6.", "art_3..6", "члан 3–6"),
    ("mk", "член 5 став 2 точка 3", "art_5 para_2 point_3", "Член 5, став 2, точка 3"),
    (
        "rw",
        "ingingo ya 5, igika cya 2, agace ka 3",
        "art_5 para_2 point_3",
        "Ingingo ya 5 igika cya 2 agace ka 3",
    ),
    ("kk", "12-бап, 3-тармақ, 2-тармақша", "art_12 para_3 point_2", "12-Бап 3-тармақ 2-тармақша"),
    ("kk", "5-1-бап", "art_5-1", "5-1 - бап"),
    ("ky", "12-берене, 3-бөлүк, 2-пункт", "art_12 para_3 point_2", "12-берене 3-бөлүк 2-пункт"),
    ("uz", "12-modda, 3-qism, 2-band", "art_12 para_3 point_2", "12-Modda 3-qism, 2-band"),
    ("uz", "3–5-modda", "art_3..5", "3–5 - modda"),
    ("tg", "моддаи 12, қисми 3, банди 2", "art_12 para_3 point_2", "Моддаи 12 қисми 3 банди 2"),
    ("th", "มาตรา ๓ ถึง ๖", "art_3..6", "มาตรา 3 ถึง 6"),
    ("zh", "第三条至第六条", "art_3..6", "第3条至第6条"),
    ("ja", "第三条から第六条まで", "art_3..6", "第3条から第6条まで"),
]


@pytest.mark.parametrize(("style", "citation", "steps", "other"), FURTHER)
def test_citations_of_further_languages(style: str, citation: str, steps: str, other: str) -> None:
    parsed = parse_citation(citation, style)
    assert " ".join(map(str, parsed)) == steps
    assert render_citation(parsed, style) == citation
    assert parse_citation(other, style) == parsed


@pytest.mark.parametrize("wrong", ["第条", "第五", "第五条規定", "第五条第二款 外", ""])
def test_what_is_no_chinese_citation_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput):
        parse_citation(wrong, "zh")
