"""How amending acts instruct in English, German, Vietnamese and French.

English: the drafting guidance of the United Kingdom's Parliamentary Counsel (part 7, amending) and
of the House of Representatives' legislative counsel (amending formulas). German: the handbook of
legal formality (Handbuch der Rechtsförmlichkeit, part D). Vietnamese: decree 34/2016/NĐ-CP on how
amending documents are set out. French: the guide of légistique of the Conseil d'Etat (3.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.amending.claims import Says
from domain.amending.grammar import Grammar, Phrase

_CURLY: Final = (("“", "”"), ("«", "»"), ('"', '"'))

ENGLISH: Final = Grammar(
    name="en",
    quotes=_CURLY,
    unit=r"sections?|secs?\.|articles?|arts?\.|rules?|regulations?|clauses?",
    annex=r"schedules?|annex(?:es)?|appendix|appendices",
    between=r"and|or|&",
    through=r"to|through",
    before=r"(?:sub-?sections?|paragraphs?|sub-?paragraphs?|points?|the (?:heading|title)) ?"
    r"(?:\([^()]{1,5}\))*(?:,? (?:and|to|or) ?(?:\([^()]{1,5}\))+)* (?:of|to)",
    after=r"(?:\((?:\d{1,3}[A-Za-z]?|[A-Za-z]{1,2}|[ivxIVX]+)\))+",
    signals="repeal|revok|delet|omit|struck|strik|amend|replac|substitut|revis|modif|insert|add|"
    "leave out|renumber|re-number|redesignat|cease|shall read|is to read",
    abbreviations="No|Sec|sec|Art|art|s|ss|para|paras|Stat|cl|reg|U.S.C",
    phrases=(
        Phrase(
            Says.RENUMBER,
            r"(?P<refs>.+?)\b(?:(?:is|are|shall be|be) (?:hereby )?)?(?:renumbered|redesignated|"
            r"re-numbered)(?: as)?\b(?P<to>.+)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)\b(?:after|before) (?P<refs>.{0,120}?)\b(?:insert|add)(?:ed|s|ing)?\b(?P<to>.*)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)\binsert(?:ed|ing)?,? (?:after|before) (?P<refs>.{0,80}?)"
            r"(?=the following|\bnew\b)(?P<to>.*)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)\bfollowing (?:new )?(?:section|article|rule|regulation|clause|schedule)s? "
            r"(?:is|are|shall be) (?:inserted|added) (?:after|before) (?P<refs>.+?)"
            r"(?P<to>[:—–-].*|$)",
        ),
        Phrase(
            Says.REPEAL,
            r"(?P<refs>.+?)\b(?:(?:is|are|shall be|be) (?:hereby )?(?:repealed|revoked|deleted|"
            r"omitted|struck out)|(?:shall )?ceases? to have effect)\b",
        ),
        Phrase(
            Says.REPEAL,
            r"(?i)^\W*(?:\(?\w{1,3}[.)]\s*)*(?:omit|repeal|delete|revoke|strike|"
            r"leave out)\b(?P<refs>.+)",
        ),
        Phrase(
            Says.CHANGE,
            r"(?P<refs>.+?)\b(?:(?:is|are|shall be|be) (?:hereby )?(?:further )?(?:amended|"
            r"replaced|substituted|revised|modified)|(?:shall|is to|are to) read)\b",
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)\b(?:in|to|for|at the end of) (?P<refs>.+?)(?:\b(?:substitute|replace|insert|"
            r"omit|delete|add|strike|leave out)\b|\b(?:is|are) (?:inserted|added|substituted))",
        ),
    ),
)

GERMAN: Final = Grammar(
    name="de",
    quotes=(("„", "“”"), ("»", "«"), ('"', '"')),
    unit=r"§§?|Artikeln?|Artikels|Art\.",
    annex=r"Anlagen?|Anhang|Anhänge",
    between=r"und|sowie|oder",
    through=r"bis",
    before=r"(?:die )?(?:Überschrift|Absatz \w+|Satz \w+|Nummer \w+)(?: (?:zu|des|der|von|in))?"
    r"(?: dem| der)?",
    after=r"(?:(?:Absatz|Absätze|Absätzen|Abs\.|Satz|Sätze|Nummer|Nummern|Nr\.|Buchstaben?|Buchst\.|"
    r"Halbsatz)\s*\w{1,4}\s*(?:(?:,|und|bis)\s*(?:\d+\w?|[a-z])\b\s*)*)+",
    signals=r"aufgehoben|gestrichen|geändert|gefa(?:ss|ß)t|Fassung|ersetzt|gefügt|vorangestellt|"
    r"entf(?:ä|a)ll|außer Kraft|(?:wird|werden) (?:\w+ ){0,2}(?:§|Artikel|Anlage|durch)",
    abbreviations=r"am \d{1,2}|Abs|Nr|Nrn|Art|Buchst|S|vgl|BGBl|bzw|Halbs",
    phrases=(
        Phrase(
            Says.ADD,
            r"\b[Nn]ach (?:der |dem )?(?P<refs>.{0,60}?) ?(?:wird|werden) (?:der |die |das )?"
            r"folgende[nrs]? (?:neue[nrs]? )?(?P<to>.+?)(?:eingefügt|angefügt)",
        ),
        Phrase(
            Says.ADD,
            r"\b(?:[Ff]olgende[nrs]?|[Ee]s (?:wird|werden) (?:der |die )?folgende[nrs]?) "
            r"(?P<to>.+?)(?:wird|werden)?(?: an| ein)?(?:gefügt|angefügt|eingefügt)(?P<refs>)",
        ),
        Phrase(
            Says.RENUMBER,
            r"(?P<refs>.+?) ?(?:wird|werden) (?:zu |der |die |das )?(?:neue[nr]? )?"
            r"(?P<to>(?:§§?|Artikel|Anlage)\s.+)",
        ),
        Phrase(Says.REPEAL, r"(?P<refs>.+?) ?(?:wird|werden) (?:\w+ )?(?:aufgehoben|gestrichen)"),
        Phrase(
            Says.REPEAL,
            r"^\W*(?:\w{1,3}[.)]\s*)*(?:Die |Der )?(?P<refs>(?:§|Artikel|Anlage)[^.;]{0,80}?) "
            r"(?:entfällt|entfallen|(?:tritt|treten) (?:am .{6,20} )?außer Kraft)\b",
        ),
        Phrase(
            Says.CHANGE,
            r"(?P<refs>.+?) ?(?:(?:wird|werden) wie folgt (?:geändert|gefasst|gefaßt|neu gefasst)|"
            r"(?:erhält|erhalten) (?:die )?(?:folgende (?:neue )?|nachstehende |aus .{3,80} "
            r"ersichtliche )Fassung|(?:wird|werden) neu gefasst|"
            r"(?:wird|werden) durch (?:die |den |das )?folgende)",
        ),
        Phrase(
            Says.CHANGE,
            r"\b(?:[Ii]n|[Ii]m|[Dd]em|[Dd]er|[Dd]en|[Nn]ach|[Vv]or) (?:der |dem |den )?"
            r"(?!.{0,60}Inhalts(?:übersicht|verzeichnis))"
            r"(?P<refs>.+?) ?(?:wird|werden)\b.*?(?:ersetzt|eingefügt|gestrichen|angefügt|"
            r"geändert|aufgehoben|vorangestellt|gefasst)",
        ),
    ),
)

VIETNAMESE: Final = Grammar(
    name="vi",
    quotes=_CURLY,
    unit=r"(?:các )?điều",
    annex=r"phụ lục",
    between=r"và|hoặc",
    through=r"đến",
    before=r"(?:(?:các )?(?:tên|tiêu đề|điểm|khoản|đoạn|câu|tiết)(?:\s+(?:\d+\w?|[a-zđ]))?"
    r"(?:\s*(?:,|và|đến)\s*(?:khoản|điểm)?\s*(?:\d+\w?|[a-zđ])\b)*(?:\s+của)?\s*)+",
    after=r"(?!)",
    signals="sửa đổi|bổ sung|bãi bỏ|thay|bỏ (?:các )?(?:cụm )?từ|thành điều|hết hiệu lực",
    phrases=(
        Phrase(
            Says.ADD,
            r"(?i)(?<!sửa đổi, )\bbổ sung (?:thêm )?(?P<to>(?:các )?(?:điều|phụ lục)\s.+?) "
            r"(?:vào |ở )?(?:sau|trước) (?P<refs>.+)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)(?<!sửa đổi, )\bbổ sung (?:thêm )?(?P<to>(?:các )?(?:điều|phụ lục)\s\S+) "
            r"(?:như sau|vào chương|vào cuối)(?P<refs>)",
        ),
        Phrase(Says.REPEAL, r"(?i)\bbãi bỏ (?:toàn bộ )?(?P<refs>.+)", everywhere=True),
        Phrase(Says.REPEAL, r"(?i)(?P<refs>.+?) (?:được|bị) bãi bỏ"),
        Phrase(
            Says.REPEAL,
            r"(?i)^\W*(?:\w{1,3}[.)]\s*)*(?P<refs>(?:các |điểm |khoản |điều |phụ lục ).{0,80}?) "
            r"hết hiệu lực",
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)(?<!được )(?<!bị )\bsửa đổi(?:, ?bổ sung)?\b(?P<refs>.+)",
            everywhere=True,
        ),
        Phrase(Says.CHANGE, r"(?i)(?P<refs>.+?) (?:được|bị) (?:sửa đổi|thay thế|bổ sung)"),
        Phrase(
            Says.CHANGE,
            r"(?i)\b(?:thay(?: thế)?|bỏ|bổ sung) (?:các )?(?:cụm từ|từ|dấu)\b.+?\btại (?P<refs>.+)",
            everywhere=True,
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)(?<!sửa đổi, )\bbổ sung (?:thêm )?(?:các )?(?:khoản|điểm|đoạn)\b(?P<refs>.+)",
        ),
        Phrase(Says.CHANGE, r"(?i)\bthay thế (?P<refs>(?:khoản|điểm|điều|phụ lục)\s.+)"),
        Phrase(
            Says.RENUMBER,
            r"(?i)\b(?:đổi|đánh số lại|sửa)(?: lại)?(?: số)?(?: thứ tự)? "
            r"(?P<refs>(?:các )?điều .{1,80}?) thành (?P<to>(?:các )?điều .+)",
        ),
        Phrase(
            Says.RENUMBER,
            r"(?i)(?P<refs>.+?) (?:được )?(?:đổi|đánh số lại|sửa) (?:thứ tự )?thành "
            r"(?P<to>điều .+)",
        ),
    ),
)

FRENCH: Final = Grammar(
    name="fr",
    quotes=_CURLY,
    unit=r"articles?|art\.",
    annex=r"annexes?",
    between=r"et|ou",
    through=r"à",
    before=r"(?:(?:au|du|le|la|les|aux|des|l['’])\s*)?(?:\d+(?:°|e|er)|premier|deuxième|troisième|"
    r"quatrième|cinquième|dernier|second|seconde|alinéa|alinéas|paragraphe|point|phrase|titre|"
    r"intitulé)[^.;]{0,60}?\b(?:de l['’]|des? |du )",
    after=r"(?:,? (?:paragraphes?|alinéas?|points?) [\w)]+)+",
    signals="rédigé|modifié|remplacé|complété|amendé|abrogé|supprimé|inséré|ajouté|créé|"
    "devien(?:t|nent)",
    abbreviations="art|al|L|R|D|no|cf|p",
    phrases=(
        Phrase(
            Says.ADD,
            r"(?i)\b(?:après|avant) (?P<refs>.{0,120}?),? (?:il )?(?:est|sont) "
            r"(?:inséré|ajouté|créé)(?:e?s)?(?P<to>.*)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)\bil est (?:inséré|ajouté|créé),? (?:après|avant) (?P<refs>.{0,80}?),? "
            r"(?P<to>un .*|une .*|des .*|les .*)",
        ),
        Phrase(
            Says.ADD,
            r"(?i)\bil est (?:inséré|ajouté|créé|rétabli)(?:e?s)? (?P<to>(?:un|une|des|les) "
            r"(?:nouve\w+ )?(?:articles?|annexes?)\b.*)(?P<refs>)",
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)\b(?:à|au|aux|dans) (?P<refs>.{1,200}?), (?:les? |la |l['’])?(?:mots?|nombres?|"
            r"chiffres?|références?|signes?|dates?|années?|montants?|taux|occurrences?)\b.*?"
            r"(?:est|sont) (?:remplacé|supprimé|inséré|ajouté|complété)",
        ),
        Phrase(
            Says.RENUMBER,
            r"(?i)(?P<refs>.+?) (?:devient|deviennent)(?:, respectivement,?| respectivement)? "
            r"(?P<to>.+)",
        ),
        Phrase(
            Says.REPEAL,
            r"(?i)^\W*(?:\w{1,3}[°.)]\s*)*(?:est|sont) (?:abrogé|supprimé)(?:e?s)?\s*:?"
            r"(?P<refs>.+)",
        ),
        Phrase(
            Says.REPEAL,
            r"(?i)(?P<refs>.+?) (?:est|sont) (?:abrogé|supprimé)(?:e?s)?",
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)(?P<refs>.+?) (?:est|sont) (?:ainsi )?(?:rédigé|modifié|remplacé|complété|"
            r"amendé)(?:e?s)?",
        ),
        Phrase(
            Says.CHANGE,
            r"(?i)\b(?:à|au|aux|dans|de) (?P<refs>.+?)(?:, | )(?:les? |la |l['’]|il )?.*?"
            r"(?:est|sont) (?:remplacé|supprimé|inséré|ajouté|complété)",
        ),
    ),
)

GRAMMARS: Final[Mapping[str, Grammar]] = {
    one.name: one for one in (ENGLISH, GERMAN, VIETNAMESE, FRENCH)
}
