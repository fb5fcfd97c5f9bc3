"""What the elements of each XML dialect are for a cut: one table of names per dialect, and how a
dialect is recognised.

Sources: Akoma Ntoso 3.0, part 2 (OASIS, 2018) and its profile LegalDocML.de; USLM 2.1 (US
Government Publishing Office); Formex 4 (Publications Office of the EU). Attributes that carry
identifiers are never read: real files repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.readers.xml.national import NATIONAL
from adapters.readers.xml.roles import (
    SHIFTED,
    XHTML_INLINE,
    Dialect,
    ElementRole,
    Family,
    UnitRule,
    roles_of,
    units_of,
)
from domain.errors import DocumentRefused

_IN_HEAD: Final = "[ancestor::*[local-name() = 'num' or local-name() = 'heading']]"

AKOMA_NTOSO: Final = Dialect(
    name="akn",
    namespaces=re.compile(
        r"|https?://(www\.)?akomantoso\.org/\S*|https?://\S*legaldocml\S*", re.IGNORECASE
    ),
    roots=frozenset({"akomaNtoso"}),
    roles=roles_of(
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
    | units_of(
        Family.CONTAINER,
        "part title book tome=book chapter subchapter division subdivision subpart subtitle",
    )
    | units_of(Family.CONTAINER, "transitional=heading")
    | units_of(Family.BASIC, "article section rule clause paragraph")
    | units_of(
        Family.SUB,
        (
            "subsection subparagraph subrule=subparagraph subclause alinea=subparagraph point "
            "indent=item item"
        ),
    )
    | units_of(
        Family.SUB,
        "proviso=subparagraph sublist=item level=paragraph tblock=item blockContainer=item",
    )
    | units_of(Family.FRAME, "preamble conclusions")
    | units_of(Family.RECITAL, "recital")
    | units_of(Family.ANNEX, "attachment=annex annex")
    | SHIFTED
    | {
        "noteRef": ElementRole.RAISED,
        f"noteRef{_IN_HEAD}": ElementRole.NOTE_MARK,
        "authorialNote/num": ElementRole.NOTE_NUM,
        # A note in the margin that is all of a heading is the heading.
        "heading[not(text()[normalize-space()])]/authorialNote[@placement='side']": (
            ElementRole.BLOCK
        ),
    }
    | {"hcontainer": UnitRule("heading", Family.CONTAINER, by_name=True)},
    named=units_of(Family.BASIC, "article section rule regulation=rule paragraph")
    | units_of(Family.SUB, "subsection subparagraph point item")
    | units_of(
        Family.SUB,
        "step=item definition=item explanation=item exception=item illustration=item example=item",
    )
    | units_of(Family.ANNEX, "annex attachment=annex appendix schedule")
    | units_of(Family.FRAME, "conclusions preamble")
    | {"signatures": ElementRole.BLOCK},
    titles=("docTitle", "longTitle"),
)

_NOTE_MARK: Final = "ref[contains(@class, 'footnoteRef')]"

USLM: Final = Dialect(
    name="uslm",
    namespaces=re.compile(r"https?://(schemas\.gpo\.gov/xml/uslm|xml\.house\.gov/schemas/uslm)\S*"),
    roots=None,
    roles=roles_of(
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
        ASIDE="longTitle coverTitle organizationNote",
    )
    | units_of(
        Family.CONTAINER,
        "title subtitle chapter subchapter part subpart division subdivision level=heading",
    )
    | units_of(
        Family.CONTAINER,
        (
            "compiledAct=heading courtRules=heading reorganizationPlans=heading "
            "reorganizationPlan=heading"
        ),
    )
    | units_of(Family.CONTAINER, "appropriations=heading")
    | units_of(Family.BASIC, "article section courtRule=rule")
    | units_of(
        Family.SUB,
        "subarticle=subsection subsection paragraph subparagraph clause subclause item subitem "
        "subsubitem=subitem listItem=item",
    )
    | units_of(Family.FRAME, "preamble enactingFormula=preamble resolvingClause=preamble")
    | units_of(Family.RECITAL, "recital")
    | units_of(Family.ANNEX, "appendix schedule")
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
    roles=roles_of(
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
    | units_of(Family.BASIC, "ARTICLE=article")
    | units_of(Family.SUB, "PARAG=paragraph SUBDIV=subparagraph NP=point NP.ECR=point")
    | units_of(Family.FRAME, "PREAMBLE=preamble PREAMBLE.GEN=preamble FINAL=conclusions")
    | units_of(Family.RECITAL, "CONSID=recital")
    | units_of(Family.ANNEX, "ANNEX=annex CONS.ANNEX=annex INTERNAL.ANNEX=annex TECHN.ANNEX=annex")
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

DIALECTS: Final = (AKOMA_NTOSO, USLM, FORMEX, *NATIONAL)

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
