"""What the elements of each XML dialect are for a cut: one table of names per dialect, and how a
dialect is recognised.

Sources: Akoma Ntoso 3.0, part 2 (OASIS, 2018) and its profile LegalDocML.de; USLM 2.1 (US
Government Publishing Office); Formex 4 (Publications Office of the EU). Attributes that carry
identifiers are never read: real files repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from domain.errors import DocumentRefused


class ElementRole(Enum):
    """What an element is in the flow of the text. An element that no table names is a `BLOCK`."""

    INLINE = "part of a line"
    BLOCK = "lines of its own"
    BREAK = "an empty element that ends a line"
    CELL = "a table cell: what follows stands after a tab"
    NUM = "the printed number of the unit around it; the text goes on in the same line"
    NUM_LINE = "the printed number in a line of its own"
    HEADING = "the printed heading of the unit around it"
    HEADS = "a block that holds number and heading"
    NOTE = "a note within a line, not part of a heading"
    NOTE_NUM = "the printed mark of the note around it"
    NOTE_MARK = "the mark of a note in a number or heading, of which it is no part"
    RAISED = "part of a line, printed above it"
    LOWERED = "part of a line, printed below it"
    PLAIN = "text that holds no units: tables of contents, tables, editorial notes"
    META = "data about the document: text of no unit, wherever it stands"
    QUOTE = "provisions of another law, quoted by an amendment: no units of this one"
    QUOTE_MARK = "an empty element that stands for the quotation mark in its CODE attribute"
    BODY = "the enacting part: text in it that belongs to no unit is still a unit to keep"
    ASIDE = "text of the enacting part that is no provision: the long title, the enacting formula"


class Family(Enum):
    """Where a unit stands among the others. Which one is the basic unit depends on the document."""

    CONTAINER = "above the basic unit"
    BASIC = "what is cited: an article, a section or a rule"
    SUB = "below the basic unit"
    ANNEX = "a part with a numbering of its own"
    FRAME = "preamble and conclusions"
    RECITAL = "a numbered reason in the preamble"


@dataclass(frozen=True, slots=True)
class UnitRule:
    """An element that is a unit. `by_name`: its name attribute says which."""

    kind: str
    family: Family
    by_name: bool = False


@dataclass(frozen=True)
class Dialect:
    """One XML dialect: how it is recognised, and what its elements are."""

    name: str
    namespaces: re.Pattern[str]  # of the root element; matches "" for a dialect without namespace
    roots: frozenset[str] | None  # None: the namespace alone decides
    # By local name, or by another match pattern of XSLT.
    roles: Mapping[str, ElementRole | UnitRule]
    # Generic elements by their name attribute.
    named: Mapping[str, UnitRule | ElementRole] = field(default_factory=dict)
    titles: tuple[str, ...] = ()  # elements that hold the document's title, the best first


def _roles(**names: str) -> dict[str, ElementRole | UnitRule]:
    return {name: ElementRole[role] for role, several in names.items() for name in several.split()}


def _units(family: Family, kinds: str) -> dict[str, ElementRole | UnitRule]:
    """Rules from `element` or `element=kind` pairs."""
    pairs = (pair.partition("=") for pair in kinds.split())
    return {element: UnitRule(kind or element, family) for element, _, kind in pairs}


XHTML_INLINE: Final = (
    "a abbr b bdo big cite code del em font i ins kbd mark q s small span strike strong tt u var"
)
_RAISED_BY: Final = (
    "contains(concat(' ', @class, ' '), ' superscript ')"
    " or contains(concat(' ', @class, ' '), ' sup ')"
    " or @name = 'superscript' or contains(translate(@style, ' ', ''), 'vertical-align:super')"
    " or contains(translate(@style, ' ', ''), ';top:-')"
)
SHIFTED: Final[dict[str, ElementRole | UnitRule]] = {
    "sup": ElementRole.RAISED,
    "sub": ElementRole.LOWERED,
    **{
        f"{name}[{_RAISED_BY}]": ElementRole.RAISED
        for name in ["span", "inline", "i", "b", "em", "a", "font"]
    },
}
"""Parts of a line that are raised or lowered, by match patterns of XSLT: as elements, by their
class, by their style.
"""
_IN_HEAD: Final = "[ancestor::*[local-name() = 'num' or local-name() = 'heading']]"

AKOMA_NTOSO: Final = Dialect(
    name="akn",
    namespaces=re.compile(
        r"|https?://(www\.)?akomantoso\.org/\S*|https?://\S*legaldocml\S*", re.IGNORECASE
    ),
    roots=frozenset({"akomaNtoso"}),
    roles=_roles(
        INLINE=XHTML_INLINE
        + " affectedDocument argument change concept courtType date decoration def docAuthority "
        "docCommittee docDate docIntroducer docJurisdiction docNumber docProponent docPurpose "
        "docStage docStatus docTitle docType docketNumber embeddedText entity event fillIn img "
        "inline judge lawyer legislature location marker mmod mod mref neutralCitation "
        "object omissis opinion organization outcome party person placeholder process quantity "
        "quotedText recordedTime ref relatedDocument remark rmod role rref scene session "
        "shortTitle term time vote",
        BREAK="br eol",
        CELL="td th",
        NUM="num",
        HEADING="heading subheading",
        NOTE="authorialNote",
        META="meta",
        PLAIN="toc table coverPage",
        QUOTE="quotedStructure embeddedStructure",
        BODY="body mainBody portionBody",
        ASIDE="longTitle formula",
    )
    | _units(
        Family.CONTAINER,
        "part title book tome=book chapter subchapter division subdivision subpart subtitle",
    )
    | _units(Family.CONTAINER, "transitional=heading")
    | _units(Family.BASIC, "article section rule clause paragraph")
    | _units(
        Family.SUB,
        (
            "subsection subparagraph subrule=subparagraph subclause alinea=subparagraph point "
            "indent=item item"
        ),
    )
    | _units(
        Family.SUB,
        "proviso=subparagraph sublist=item level=paragraph tblock=item blockContainer=item",
    )
    | _units(Family.FRAME, "preamble conclusions")
    | _units(Family.RECITAL, "recital")
    | _units(Family.ANNEX, "attachment=annex annex")
    | SHIFTED
    | {
        "noteRef": ElementRole.RAISED,
        f"noteRef{_IN_HEAD}": ElementRole.NOTE_MARK,
        "authorialNote/num": ElementRole.NOTE_NUM,
    }
    | {"hcontainer": UnitRule("heading", Family.CONTAINER, by_name=True)},
    named=_units(Family.BASIC, "article section rule regulation=rule paragraph")
    | _units(Family.SUB, "subsection subparagraph point item")
    | _units(
        Family.SUB,
        "step=item definition=item explanation=item exception=item illustration=item example=item",
    )
    | _units(Family.ANNEX, "annex attachment=annex appendix schedule")
    | _units(Family.FRAME, "conclusions preamble")
    | {"signatures": ElementRole.BLOCK},
    titles=("docTitle", "longTitle"),
)

_NOTE_MARK: Final = "ref[contains(@class, 'footnoteRef')]"

USLM: Final = Dialect(
    name="uslm",
    namespaces=re.compile(r"https?://(schemas\.gpo\.gov/xml/uslm|xml\.house\.gov/schemas/uslm)\S*"),
    roots=None,
    roles=_roles(
        INLINE=XHTML_INLINE
        + " addedText affiliation amendingAction committee congress cosponsor date def deletedText "
        "designator elided entity fillIn headingText img inline label location name nonsponsor "
        "person proviso quotedText ref role session shortTitle signatureDate sponsor target term "
        "time",
        BREAK="br",
        CELL="td th column",
        NUM="num",
        HEADING="heading subheading",
        NOTE="page sidenote footnote editorialNote ear",
        META="meta amendMeta reportMeta cboMeta",
        PLAIN="toc index table layout notes note sourceCredit statutoryNote changeNote",
        QUOTE="quotedContent",
        BODY="main amendMain",
        ASIDE="longTitle enactingFormula resolvingClause coverTitle organizationNote",
    )
    | _units(
        Family.CONTAINER,
        "title subtitle chapter subchapter part subpart division subdivision level=heading",
    )
    | _units(
        Family.CONTAINER,
        (
            "compiledAct=heading courtRules=heading reorganizationPlans=heading "
            "reorganizationPlan=heading"
        ),
    )
    | _units(Family.CONTAINER, "appropriations=heading")
    | _units(Family.BASIC, "article section courtRule=rule")
    | _units(
        Family.SUB,
        "subarticle=subsection subsection paragraph subparagraph clause subclause item subitem "
        "subsubitem=subitem listItem=item",
    )
    | _units(Family.FRAME, "preamble")
    | _units(Family.RECITAL, "recital")
    | _units(Family.ANNEX, "appendix schedule")
    | SHIFTED
    | {
        name + place: role
        for name in ("footnoteRef", _NOTE_MARK)
        for place, role in (("", ElementRole.RAISED), (_IN_HEAD, ElementRole.NOTE_MARK))
    }
    | {f"{note}/num": ElementRole.NOTE_NUM for note in ("footnote", "sidenote", "ear")},
    titles=("officialTitle", "title"),
)

FORMEX_ROOTS: Final = (
    "ACT AGR ANNEX CJT CONS.ACT CONS.ANNEX CONS.DOC CONS.LIST CONS.OTH CONS.OTH.DOC CORR DECLAR "
    "DECISION DOC GENERAL LETTER OTH.SIGN OPINION PROPOS PROT TECHN.ANNEX TREATY"
)

FORMEX: Final = Dialect(
    name="formex",
    namespaces=re.compile(r"|https?://formex\.publications\.europa\.eu/\S*"),
    roots=frozenset(FORMEX_ROOTS.split()),
    roles=_roles(
        INLINE="ADDR.S ANCHOR CITATION COPYRIGHT DATE EXPR FMT.VALUE FT FULL.POWER HT IE "
        "KEYWORD LINK NO.CURR NO.DOC.TXT OP.CMP OP.MATH OVER OVERLINE REF.ANNEX REF.ARTICLE "
        "REF.DOC REF.DOC.ECR REF.DOC.OJ REF.DOC.SE REF.NOTE REF.NP REF.NP.ECR REF.ONP REF.SECTION "
        "TXT UNDER VECTOR",
        BREAK="BR",
        CELL="CELL",
        NUM="NO.P NO.PARAG NO.SUBDIV NO.DIV NO.GR.SEQ",
        NUM_LINE="TI.ART",
        HEADING="STI.ART",
        HEADS="TITLE",
        NOTE="NOTE",
        META="BIB.INSTANCE BIB.INSTANCE.CONS BIB.DATA BIB.DATA.CL BIB.DOC BIB.ACT BIB.OJ "
        "BIB.GENERAL CURR.TITLE FAM.COMP FAM.COMP.CL FMX INFO.CONSLEG INFO.CONSLEG.CL INFO.PROD "
        "INFO.PROD.CL JOB.CONSLEG PAPER PDF PUBLICATION.REF",
        PLAIN="TOC TBL GR.TBL GR.ANNOTATION ANNOTATION CAT.PLANT CAT.VEGET CN TARIC",
        QUOTE="QUOT.S ACT.GEN.QUOT OLD.CORR NEW.CORR OLD NEW",
        QUOTE_MARK="QUOT.START QUOT.END",
        BODY="ENACTING.TERMS ENACTING.TERMS.CJT CONTENTS",
    )
    | _units(Family.BASIC, "ARTICLE=article")
    | _units(Family.SUB, "PARAG=paragraph SUBDIV=subparagraph NP=point NP.ECR=point")
    | _units(Family.FRAME, "PREAMBLE=preamble PREAMBLE.GEN=preamble FINAL=conclusions")
    | _units(Family.RECITAL, "CONSID=recital")
    | _units(Family.ANNEX, "ANNEX=annex CONS.ANNEX=annex INTERNAL.ANNEX=annex TECHN.ANNEX=annex")
    | {
        "DIVISION": UnitRule("division", Family.CONTAINER),
        "GR.SEQ": UnitRule("heading", Family.CONTAINER),
        "HT[@TYPE='SUP']": ElementRole.RAISED,
        "EXPONENT": ElementRole.RAISED,
        "HT[@TYPE='SUB']": ElementRole.LOWERED,
        "IND": ElementRole.LOWERED,
    },
    titles=("TITLE",),
)

DIALECTS: Final = (AKOMA_NTOSO, USLM, FORMEX)

CITED: Final = ("article", "section")
"""The kinds that are cited. Others stand in as the basic unit where a law has neither."""

KIND_RANKS: Final = ("book", "part", "title", "chapter", "subchapter", "section", "subsection")
"""From the outside in, for converters that write nested containers side by side."""

KIND_WORDS: Final[Mapping[str, str]] = {
    word: kind
    for kind, words in {
        "book": "book buch livre libro boek kirja",
        "part": "part teil partie parte deel osa",
        "title": "title titel titre titolo título",
        "chapter": "chapter kapitel chapitre capo capitolo capítulo hoofdstuk luku",
        "section": "section abschnitt sezione sección secção afdeling jakso",
        "subsection": "subsection unterabschnitt sous-section sottosezione subsección subsecção",
        "annex": "annex anhang annexe allegato anexo bijlage liite",
        "appendix": "appendix anlage appendice apéndice apêndice",
    }.items()
    for word in words.split()
}
"""The kind of container that the first word of a printed label names. It counts more than the
element, which converters often choose too widely: a `chapter` whose label is `Sezione II` is a
section.
"""


def dialect_of(namespace: str, root: str) -> Dialect:
    """The dialect of a root element.

    Raises `DocumentRefused` naming namespace and element where no table knows it.

    >>> dialect_of("http://docs.oasis-open.org/legaldocml/ns/akn/3.0", "akomaNtoso").name
    'akn'
    """
    for dialect in DIALECTS:
        if dialect.namespaces.fullmatch(namespace) and (
            dialect.roots is None or root in dialect.roots
        ):
            return dialect
    where = f"in the namespace {namespace[:200]!r}" if namespace else "without a namespace"
    known = ", ".join(dialect.name for dialect in DIALECTS)
    raise DocumentRefused(
        f"XML whose root element is <{root[:100]}> {where} is no dialect that can be cut; "
        f"known are: {known}."
    )
