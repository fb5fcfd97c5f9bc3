"""National citations: rendered from steps, read back to the same steps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.reading.address_steps import Step
from domain.reading.citations import STYLES, cite_address, parse_citation, render_citation
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
