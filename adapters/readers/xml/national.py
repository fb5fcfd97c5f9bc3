"""What the elements are in the XML of some countries' law databases, each a dialect of its own.

Sources: the XML of the Justice Laws Website of Canada (LIMS); LexDania 2.1 (Civilstyrelsen); the
electronic Irish Statute Book; the XML Schema for Japanese law of e-Gov, version 3. None has a
namespace.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.readers.xml.roles import (
    XHTML_INLINE,
    Dialect,
    ElementRole,
    Family,
    UnitRule,
    roles_of,
    units_of,
)

_NO_NAMESPACE: Final = re.compile("")

LIMS: Final = Dialect(
    name="lims",
    namespaces=_NO_NAMESPACE,
    roots=frozenset({"Statute", "Regulation"}),
    roles=roles_of(
        INLINE="Abbr AmendedContent DefinedTermEn DefinedTermFr DefinitionEnOnly DefinitionFrOnly "
        "DefinitionRef DD Emphasis FootnoteArea FormBlank Ins Language Leader MM NonBreakingSpace "
        "Omission Repealed Separator Size XRefExternal XRefInternal YYYY",
        BREAK="LineBreak PageBreak",
        CELL="entry",
        NUM="Label",
        HEADING="MarginalNote TitleText",
        NOTE="Footnote",
        META="Identification RecentAmendments",
        PLAIN="TableGroup TableOfProvisions",
        QUOTE="AmendedText SectionPiece QuotedText ReadAsText",
        BODY="Body",
        RAISED="Sup FootnoteRef",
        LOWERED="Sub",
    )
    | units_of(Family.BASIC, "Section=section")
    | units_of(
        Family.SUB,
        "Subsection=subsection Paragraph=paragraph Subparagraph=subparagraph Clause=clause "
        "Subclause=subclause Subsubclause=subitem",
    )
    | units_of(Family.FRAME, "Preamble=preamble EnactStatement=preamble")
    | units_of(Family.ANNEX, "Schedule=schedule")
    # Sections stand beside their headings, not in them.
    | {
        f"Heading[@level='{level}']": UnitRule("heading", Family.CONTAINER, flat=level)
        for level in range(1, 7)
    }
    | {
        "Footnote/Label": ElementRole.NOTE_NUM,
        # Provisions of other laws, and such as are not in force, after the law's own schedules.
        "Schedule[@id='RelatedProvs' or @id='NifProvs']": ElementRole.PLAIN,
    },
    titles=("ShortTitle", "LongTitle"),
)

LEXDANIA: Final = Dialect(
    name="lexdania",
    namespaces=_NO_NAMESPACE,
    roots=frozenset({"Dokument"}),
    roles=roles_of(
        INLINE="Char Henvisning NotaHenvisning Hyperlink",
        BREAK="Break",
        CELL="td th entry",
        NUM="Explicatus",
        HEADING="Rubrica",
        NOTE="Nota Note Fodnote",
        META="Meta",
        PLAIN="Table table Tabel Indholdsfortegnelse",
        QUOTE="AendringNyTekst AendringsNyTekst Citat",
        BODY="DokumentIndhold",
    )
    | units_of(Family.CONTAINER, "Bog=book Afsnit=part Kapitel=chapter ParagrafGruppe=heading")
    | units_of(Family.BASIC, "Paragraf=section Artikel=article")
    | units_of(Family.SUB, "Stk=subsection Indentatio=point")
    | units_of(Family.ANNEX, "Bilag=annex")
    | units_of(Family.FRAME, "Indledning=preamble UnderskriftGruppe=conclusions")
    | {
        # Text without a number of its own stands in the line of what it belongs to.
        "Stk[not(Explicatus)]": ElementRole.BLOCK,
        "Char[@formaChar='Superscript' or @formaChar='Sup']": ElementRole.RAISED,
        "Char[@formaChar='Subscript' or @formaChar='Sub']": ElementRole.LOWERED,
    },
    titles=("DocumentTitle", "Titel"),
)

_FADA: Final = dict(zip("aeiouAEIOU", "áéíóúÁÉÍÓÚ", strict=True))

IRISH: Final = Dialect(
    name="irish",
    namespaces=_NO_NAMESPACE,
    roots=frozenset({"act"}),
    roles=roles_of(
        INLINE=XHTML_INLINE + " unicode xref href",
        BREAK="br",
        CELL="td th",
        NUM="number",
        NOTE="fn",
        META="metadata",
        PLAIN="acttoc actsreferredto table",
        QUOTE="quote blockquote",
        BODY="body",
        RAISED="su sup super",
        LOWERED="sub",
    )
    | units_of(Family.CONTAINER, "part chapter")
    | units_of(Family.BASIC, "sect=section")
    | units_of(Family.ANNEX, "schedule")
    | {f"{unit}/title": ElementRole.HEADS for unit in ("part", "chapter", "schedule")}
    | {"sect/title": ElementRole.HEADING, "fn/marker": ElementRole.NOTE_NUM},
    characters={f"{letter}fada": accented for letter, accented in _FADA.items()}
    | {
        "emdash": "—",
        "endash": "–",
        "odq": "“",
        "cdq": "”",
        "osq": "‘",
        "csq": "’",
        "euro": "€",
        "pound": "£",
        "degree": "°",
        "half": "½",
        "bull": "•",
        "nbsp": "\u00a0",
    },
    titles=("title",),
)

_SUBITEMS: Final = " ".join(f"Subitem{i}=subitem" for i in range(1, 11))
_APPENDED: Final = "Appdx AppdxTable AppdxNote AppdxStyle AppdxFormat AppdxFig"
_APPENDED_ALL: Final = tuple(
    name for one in _APPENDED.split() for name in (one, f"SupplProvision{one}")
)

E_GOV: Final = Dialect(
    name="e-gov",
    namespaces=_NO_NAMESPACE,
    roots=frozenset({"Law"}),
    roles=roles_of(
        INLINE="Sentence Ruby ArithFormula Line QuoteStruct",
        CELL="Column TableColumn TableHeaderColumn",
        NUM="ArticleTitle ParagraphNum ItemTitle "
        + " ".join(f"Subitem{i}Title" for i in range(1, 11)),
        HEADING="ArticleCaption ParagraphCaption SupplProvisionLabel "
        + " ".join(f"{name}Title" for name in _APPENDED_ALL),
        HEADS="PartTitle ChapterTitle SectionTitle SubsectionTitle DivisionTitle",
        PLAIN="TOC TableStruct FigStruct",
        QUOTE="NewProvision AmendProvision",
        BODY="MainProvision",
        RAISED="Sup Rt",
        LOWERED="Sub",
    )
    | units_of(
        Family.CONTAINER,
        "Part=part Chapter=chapter Section=section Subsection=subsection Division=division",
    )
    | units_of(Family.BASIC, "Article=article")
    | units_of(Family.SUB, f"Paragraph=paragraph Item=item {_SUBITEMS}")
    | {"Paragraph[not(normalize-space(ParagraphNum))]": ElementRole.BLOCK}
    | units_of(Family.FRAME, "Preamble=preamble EnactStatement=preamble")
    # Supplementary provisions count their articles from 1 again.
    | units_of(Family.ANNEX, "SupplProvision=attachment")
    | units_of(Family.ANNEX, " ".join(f"{name}=schedule" for name in _APPENDED_ALL)),
    titles=("LawTitle",),
)

NATIONAL: Final = (LIMS, LEXDANIA, IRISH, E_GOV)
