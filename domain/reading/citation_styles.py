"""The ways in which countries cite, as data: the word of each unit kind, from the outside in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Word:
    """How a style calls a unit kind.

    `several` is for ranges; `after` closes the number: the bracket of `lettera a)`. With `opening`
    the word closes the number, which that sign opens: `第5条`.
    """

    kind: str
    one: str
    several: str = ""
    after: str = ""
    opening: str = ""
    before: str = ""  # opens the number after the word: the bracket of `ayat (2)`
    series: str = ""  # what numbers of provisions begin with that are counted apart: `geçici-1`
    # The number stands before the word, and what was inserted behind it: `2. gr. a`.
    leading: bool = False


@dataclass(frozen=True, slots=True)
class CitationStyle:
    """A country's way to cite.

    `levels` are from the outside in; a level with several words is one of several kinds.
    """

    name: str
    levels: tuple[tuple[Word, ...], ...]
    between: str = " "
    range_word: str = "to"
    inner_first: bool = False
    spaced_suffix: bool = False  # 3 bis, not 3bis
    digits: str = ""  # the ten digits of its script, if it prints those
    han: bool = False  # numbers are printed in Han letters
    counted_first: bool = False  # the first number in brackets has digits, whatever its kind
    range_end: str = ""  # after the second number of a range: `第三条から第六条まで`
    inserted: str = ""  # before the count of what was inserted, after the word: `第5条の2`
    joined: bool = False  # a hyphen joins the word to the number before it: `12-бап`
    brackets: bool = (
        False  # what is below the first level stands in brackets, and its form tells its level
    )


def _level(*words: Word) -> tuple[Word, ...]:
    return words


STYLES: Final[Mapping[str, CitationStyle]] = {
    style.name: style
    for style in (
        CitationStyle(
            "vi",
            (
                _level(Word("article", "Điều")),
                _level(Word("paragraph", "khoản")),
                _level(Word("point", "điểm")),
                _level(Word("item", "tiết")),
            ),
            range_word="đến",
            inner_first=True,
        ),
        CitationStyle(
            "de",
            (
                _level(Word("section", "§", "§§"), Word("article", "Art.")),
                _level(Word("paragraph", "Abs.")),
                _level(Word("subparagraph", "Satz")),
                _level(Word("point", "Nr.")),
                _level(Word("item", "Buchst.")),
            ),
            range_word="bis",
        ),
        CitationStyle(
            "en",
            (
                _level(
                    Word("article", "Article", "Articles"),
                    Word("section", "Section", "Sections"),
                    Word("rule", "Rule", "Rules"),
                ),
                _level(Word("paragraph", "")),
                _level(Word("point", "")),
                _level(Word("item", "")),
            ),
            between="",
            brackets=True,
        ),
        CitationStyle(
            "us",
            (
                _level(Word("section", "section", "sections")),
                _level(Word("subsection", "")),
                _level(Word("paragraph", "")),
                _level(Word("subparagraph", "")),
                _level(Word("clause", "")),
                _level(Word("subclause", "")),
            ),
            between="",
            brackets=True,
        ),
        CitationStyle(
            "it",
            (
                _level(Word("article", "art.", "artt.")),
                _level(Word("paragraph", "comma", "commi")),
                _level(Word("point", "lettera", "lettere", ")")),
                _level(Word("item", "numero", "numeri", ")")),
            ),
            between=", ",
            range_word="a",
            spaced_suffix=True,
        ),
        CitationStyle(
            "fr",
            (
                _level(Word("article", "article", "articles")),
                _level(Word("paragraph", "paragraphe", "paragraphes")),
                _level(Word("subparagraph", "alinéa", "alinéas")),
                _level(Word("point", "point", "points", ")")),
            ),
            between=", ",
            range_word="à",
            spaced_suffix=True,
        ),
        CitationStyle(
            "pt",
            (
                _level(Word("article", "artigo", "artigos")),
                _level(Word("paragraph", "n.º", "n.os")),
                _level(Word("point", "alínea", "alíneas", ")")),
            ),
            between=", ",
            range_word="até",
        ),
        CitationStyle(
            "zh",
            (
                _level(Word("article", "条", opening="第")),
                _level(Word("paragraph", "款", opening="第")),
                _level(Word("point", "项", opening="第")),
                _level(Word("item", "目", opening="第")),
            ),
            between="",
            range_word="至",
            han=True,
            inserted="之",
        ),
        CitationStyle(
            "zh-tw",
            (
                _level(Word("article", "條", opening="第")),
                _level(Word("paragraph", "項", opening="第")),
                _level(Word("point", "款", opening="第")),
                _level(Word("item", "目", opening="第")),
            ),
            between="",
            range_word="至",
            inserted="之",
        ),
        CitationStyle(
            "ja",
            (
                _level(Word("article", "条", opening="第")),
                _level(Word("paragraph", "項", opening="第")),
                _level(Word("point", "号", opening="第")),
            ),
            between="",
            range_word="から",
            range_end="まで",
            han=True,
            inserted="の",
        ),
        CitationStyle(
            "ko",
            (
                _level(Word("article", "조", opening="제")),
                _level(Word("paragraph", "항", opening="제")),
                _level(Word("point", "호", opening="제")),
                _level(Word("item", "목", opening="제")),
            ),
            between="",
            range_word="부터",
            range_end="까지",
            inserted="의",
        ),
        CitationStyle(
            "ar",
            (
                _level(Word("article", "المادة", "المواد")),
                _level(Word("paragraph", "الفقرة", "الفقرات")),
                _level(Word("point", "البند", "البنود")),
            ),
            between="، ",
            range_word="إلى",
        ),
        CitationStyle(
            "fa",
            (
                _level(Word("article", "ماده", "مواد")),
                _level(Word("paragraph", "بند")),
                _level(Word("point", "جزء")),
            ),
            range_word="تا",
            digits="۰۱۲۳۴۵۶۷۸۹",
        ),
        CitationStyle(
            "th",
            (
                _level(Word("article", "มาตรา"), Word("clause", "ข้อ")),
                _level(Word("paragraph", "วรรค")),
                _level(Word("point", "อนุมาตรา")),
            ),
            range_word="ถึง",
            digits="๐๑๒๓๔๕๖๗๘๙",
        ),
        CitationStyle(
            "hi",
            (
                _level(Word("article", "अनुच्छेद"), Word("section", "धारा"), Word("rule", "नियम")),
                _level(Word("paragraph", "खंड"), Word("subsection", "उपधारा")),
                _level(Word("point", "उपखंड")),
            ),
            range_word="से",
        ),
        CitationStyle(
            "ne",
            (
                _level(Word("article", "धारा"), Word("section", "दफा"), Word("rule", "नियम")),
                _level(Word("paragraph", "उपधारा"), Word("subsection", "उपदफा")),
                _level(Word("point", "खण्ड")),
            ),
            range_word="देखि",
            digits="०१२३४५६७८९",
        ),
        CitationStyle(
            "he",
            (
                _level(Word("section", "סעיף", "סעיפים")),
                _level(Word("subsection", "")),
                _level(Word("paragraph", "")),
            ),
            between="",
            range_word="עד",
            brackets=True,
        ),
        CitationStyle(
            "hy",
            (
                _level(Word("article", "հոդված", "հոդվածներ")),
                _level(Word("paragraph", "մաս")),
                _level(Word("point", "կետ")),
            ),
            between=", ",
        ),
        CitationStyle(
            "ka",
            (
                _level(Word("article", "მუხლი", "მუხლები")),
                _level(Word("paragraph", "პუნქტი")),
                _level(Word("point", "ქვეპუნქტი")),
            ),
            between=", ",
        ),
        CitationStyle(
            "sq",
            (
                _level(Word("article", "neni", "nenet")),
                _level(Word("paragraph", "pika", "pikat")),
                _level(Word("point", "shkronja", "shkronjat")),
            ),
            between=", ",
            range_word="deri",
        ),
        CitationStyle(
            "id",
            (
                _level(Word("article", "Pasal")),
                _level(Word("paragraph", "ayat", after=")", before="(")),
                _level(Word("point", "huruf")),
                _level(Word("item", "angka")),
            ),
            range_word="sampai",
        ),
        CitationStyle(
            "ms",
            (
                _level(Word("section", "seksyen"), Word("article", "Perkara")),
                _level(Word("subsection", "")),
                _level(Word("paragraph", "")),
                _level(Word("subparagraph", "")),
            ),
            between="",
            range_word="hingga",
            brackets=True,
            counted_first=True,
        ),
        CitationStyle(
            "fil",
            (
                _level(Word("article", "Artikulo"), Word("section", "Seksyon")),
                _level(Word("paragraph", "talata")),
                _level(Word("point", "titik")),
            ),
            between=", ",
            range_word="hanggang",
        ),
        CitationStyle(
            "sw",
            (
                _level(Word("article", "Ibara ya"), Word("section", "kifungu cha")),
                _level(Word("paragraph", "")),
                _level(Word("point", "")),
            ),
            between="",
            range_word="hadi",
            brackets=True,
        ),
        CitationStyle(
            "sr",
            (
                _level(Word("article", "члан", after=".")),
                _level(Word("paragraph", "став", after=".")),
                _level(Word("point", "тачка", after=")")),
            ),
            range_word="–",
        ),
        CitationStyle(
            "mk",
            (
                _level(Word("article", "член")),
                _level(Word("paragraph", "став")),
                _level(Word("point", "точка")),
            ),
            range_word="–",
        ),
        CitationStyle(
            "rw",
            (
                _level(Word("article", "ingingo ya")),
                _level(Word("paragraph", "igika cya")),
                _level(Word("point", "agace ka")),
            ),
            between=", ",
            range_word="–",
        ),
        CitationStyle(
            "ca",
            (
                _level(
                    Word("article", "article", "articles"),
                    Word("article", "disposició addicional", series="addicional"),
                    Word("article", "disposició transitòria", series="transitòria"),
                    Word("article", "disposició derogatòria", series="derogatòria"),
                    Word("article", "disposició final", series="final"),
                ),
                _level(Word("paragraph", "apartat", "apartats")),
                _level(Word("point", "lletra", "lletres", ")")),
            ),
            between=", ",
            range_word="a",
            spaced_suffix=True,
        ),
        CitationStyle(
            "es",
            (
                _level(
                    Word("article", "artículo", "artículos"),
                    Word("article", "disposición adicional", series="adicional"),
                    Word("article", "disposición transitoria", series="transitoria"),
                    Word("article", "disposición derogatoria", series="derogatoria"),
                    Word("article", "disposición final", series="final"),
                    Word("article", "artículo transitorio", series="transitorio"),
                ),
                _level(Word("paragraph", "apartado", "apartados")),
                _level(Word("point", "letra", "letras", ")")),
            ),
            between=", ",
            range_word="a",
            spaced_suffix=True,
        ),
        CitationStyle(
            "tr",
            (
                _level(
                    Word("article", "Madde"),
                    Word("article", "Geçici Madde", series="geçici"),
                    Word("article", "Ek Madde", series="ek"),
                    Word("article", "Ek Geçici Madde", series="ek-geçici"),
                ),
                _level(Word("paragraph", "fıkra")),
                _level(Word("point", "bent")),
            ),
            between=", ",
            range_word="–",
        ),
        CitationStyle(
            "az",
            (
                _level(Word("article", "maddə", "maddələr")),
                _level(Word("paragraph", "bənd", "bəndlər")),
                _level(Word("point", "yarımbənd", "yarımbəndlər")),
            ),
            between=", ",
            range_word="–",
        ),
        CitationStyle(
            "kk",
            (
                _level(Word("article", "бап")),
                _level(Word("paragraph", "тармақ")),
                _level(Word("point", "тармақша")),
            ),
            between=", ",
            joined=True,
        ),
        CitationStyle(
            "ky",
            (
                _level(Word("article", "берене")),
                _level(Word("paragraph", "бөлүк")),
                _level(Word("point", "пункт")),
            ),
            between=", ",
            joined=True,
        ),
        CitationStyle(
            "uz",
            (
                _level(Word("article", "modda")),
                _level(Word("paragraph", "qism")),
                _level(Word("point", "band")),
            ),
            between=", ",
            joined=True,
        ),
        CitationStyle(
            "tg",
            (
                _level(Word("article", "моддаи")),
                _level(Word("paragraph", "қисми")),
                _level(Word("point", "банди")),
            ),
            between=", ",
            range_word="–",
        ),
        CitationStyle(
            "is",
            (
                _level(Word("article", "gr.", leading=True)),
                _level(Word("paragraph", "mgr.", leading=True)),
                _level(Word("point", "tölul.", leading=True)),
            ),
            inner_first=True,
        ),
    )
}
