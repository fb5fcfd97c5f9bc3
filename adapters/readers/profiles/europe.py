"""Further languages of Europe and the Caucasus: Armenian, Georgian, Albanian, Catalan, Icelandic,
Irish, Basque.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    SLASHED,
    Profile,
    UnitRole,
    after_number,
    alone,
    annex,
    around_number,
    basic,
    container,
    provision,
    words,
)

_LATIN_QUOTES: Final = (("«", "»"), ("“", "”"), ('"', '"'))
_DOTTED: Final = r"\d{1,4}(?:[.-]\d{1,3})*"  # 5, 5.1, 5-1

HY: Final = Profile(
    name="hy",
    words=(
        container("part", "Մաս", "Բաժին", numbers=(ROMAN, ARABIC, r"[Ա-Ֆա-ֆ]{3,}(?!\w)")),
        container("chapter", "Գլուխ", numbers=(ROMAN, ARABIC)),
        after_number(
            "chapter", UnitRole.CONTAINER, "Գլուխ", numbers=(ROMAN, r"\d+"), initials=r"\dIVXLCDM"
        ),
        basic("article", "Հոդված", numbers=(_DOTTED,)),
        annex("annex", "Հավելված", numbers=(ARABIC,)),
    ),
    stop_words=words(
        "և | է | են | կամ | որ | իր | այս | սույն | ու | չի | ոչ | համար | մասին | ունի | որոնք | "
        "պետք | եւ | հետ"
    ),
    reference_after=words("և | կամ | ի | ով | րդ | սույն"),
    reference_before=words("և | կամ | սույն | օրենքի"),
    quotes=_LATIN_QUOTES,
    letters="աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    sub_forms=("1.", "1)", "(1)", "ա)", "ա."),
)
KA: Final = Profile(
    name="ka",
    words=(
        container("book", "წიგნი", numbers=(ROMAN, ARABIC, r"[ა-ჰ]{4,}")),
        container("part", "კარი", "ნაწილი", numbers=(ROMAN, ARABIC)),
        container("chapter", "თავი", numbers=(ROMAN, ARABIC, r"[ა-ჰ]{4,}")),
        basic("article", "მუხლი", numbers=(r"\d{1,4}(?:[¹²³⁰⁴-⁹]+|\^\d{1,3}|[.-]\d{1,3})?",)),
        annex("annex", "დანართი", numbers=(ROMAN, ARABIC)),
        alone("preamble", UnitRole.PREAMBLE, "პრეამბულა"),
    ),
    stop_words=words(
        "და | ან | არ | არის | უნდა | რომ | ამ | მისი | თუ | მიერ | შესახებ | აქვს | იყოს | "
        "ყოველ | ადამიანს | კანონის | რომელიც"
    ),
    reference_after=words("და | ან | ის | მე"),
    reference_before=words("და | ან | ამ | კანონის"),
    quotes=(("„", "“"), ("„", "”"), ('"', '"')),
    letters="აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    sub_forms=("1.", "(1)", "ა)", "ა."),
)
_SQ_NTH: Final = (
    r"(?i:(?:par[ëe]|dyt[ëe]|tret[ëe]|kat[ëe]rt|pest[ëe]|gjasht[ëe]|shtat[ëe]|tet[ëe]"
    r"|n[ëe]nt[ëe]|dhjet[ëe]|\w{6,}))(?!\w)"
)
_SQ_GROUP: Final = (ROMAN, ARABIC, _SQ_NTH)
SQ: Final = Profile(
    name="sq",
    words=(
        container("part", "Pjesa", "Pjesa e", numbers=_SQ_GROUP),
        container("title", "Titulli", "Titulli i", numbers=_SQ_GROUP),
        container("chapter", "Kreu", "Kreu i", "Kapitulli", "Kapitulli i", numbers=_SQ_GROUP),
        container("section", "Seksioni", "Seksioni i", numbers=_SQ_GROUP),
        basic(
            "article", "Neni", numbers=(r"\d{1,4}/[a-zçë]{1,2}\b", SLASHED, ARABIC, r"[A-ZÇË]\b")
        ),
        annex("annex", "Shtojca", "Aneksi"),
        alone("preamble", UnitRole.PREAMBLE, "Preambula", "Preambulë"),
    ),
    stop_words=words(
        "të | dhe | në | me | për | nga | që | ose | është | se | së | ligj | nuk | janë | çdo | "
        "një | tij"
    ),
    joins=("deri", "dhe"),
    reference_after=words("i | të | dhe | ose | pika | paragrafi | e | shfuqizohet"),
    reference_before=words("të | në | me | neni | dhe | ose | nga | për"),
    quotes=(("„", "“"), ("“", "”"), ("«", "»"), ('"', '"')),
    letters="abcçdeëfghijklmnopqrstuvxyz",
    sub_forms=("1.", "(1)", "a)", "(a)", "i)"),
)
_CA_NTH: Final = (
    r"(?i:primer[a]?|segon[a]?|tercer[a]?|quart[a]?|cinqu(?:è|ena)|sis(?:è|ena)|set(?:è|ena)"
    r"|vuit(?:è|ena)|nov(?:è|ena)|des(?:è|ena)|únic[a]?|preliminar)(?!\w)"
)
_CA: Final = (_CA_NTH, ROMAN, ARABIC)
CA: Final = Profile(
    name="ca",
    words=(
        container("book", "Llibre", numbers=_CA),
        container("part", "Part", numbers=_CA),
        container("title", "Títol", "Titol", numbers=_CA),
        container("chapter", "Capítol", "Capitol", numbers=_CA),
        container("section", "Secció", numbers=_CA),
        container("subsection", "Subsecció", numbers=_CA),
        basic("article", "Article", "Art.", numbers=(r"\d{1,3}-\d{1,3}", ARABIC, _CA_NTH)),
        provision("addicional", "Disposició addicional", numbers=(_CA_NTH,)),
        provision("transitòria", "Disposició transitòria", numbers=(_CA_NTH,)),
        provision("derogatòria", "Disposició derogatòria", numbers=(_CA_NTH,)),
        provision("final", "Disposició final", numbers=(_CA_NTH,)),
        annex("annex", "Annex"),
        alone("preamble", UnitRole.PREAMBLE, "Preàmbul"),
    ),
    stop_words=words(
        "de | la | el | els | les | que | per | amb | del | dels | una | al | als | són | seva | "
        "és | aquesta | aquest | llei | han | pel"
    ),
    joins=("a", "i"),
    reference_after=words("de | del | i | o | a | és | són | es | apartat | ha | han | s'aplica"),
    reference_before=words("l' | de | del | els | i | o | a | en | per | articles | article"),
    contents=("Índex", "Sumari"),
    quotes=_LATIN_QUOTES,
    sub_forms=("1.", "a)", "1)", "(1)"),
)
_IS: Final = (r"\d{1,3}\\?\.",)  # `5.`, and `5\.` of Markdown
IS: Final = Profile(
    name="is",
    words=(
        after_number(
            "part",
            UnitRole.CONTAINER,
            "hluti",
            "þáttur",
            numbers=(r"[IVXLC]+\.", r"\d+\."),
            initials=r"\dIVXLC",
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "kafli",
            "kafli.",
            numbers=(r"[IVXLC]+\.", r"\d+\."),
            initials=r"\dIVXLC",
        ),
        around_number(
            "article",
            UnitRole.BASIC,
            "gr.",
            "grein",
            opening="",
            numbers=_IS,
            initials=r"\d",
            inserted=r"(?:[ ][a-z](?=\.?[ \t]*(?:\n|\Z)|\.[ ]|[ ]+[A-ZÁÉÍÓÚÝÞÆÖ\[(]))?",
        ),
        annex("annex", "Viðauki", "Fylgiskjal"),
    ),
    stop_words=words(
        "og | að | er | til | um | sem | í | á | við | eða | skal | skulu | af | þess | með | "
        "ekki | fyrir | hefur | lögum | sé"
    ),
    reference_after=words("og | eða | laga | er | skal | um | mgr | gildir"),
    reference_before=words(
        "og | eða | í | skv | skv. | samkvæmt | sbr | sbr. | til | við | af | mgr."
    ),
    quotes=(("„", "“"), ('"', '"')),
    letters="abcdefghijklmnopqrstuvxyz",
    sub_forms=("1.", "a.", "a)"),
)
GA: Final = Profile(
    name="ga",
    words=(
        container("part", "Cuid", numbers=(ROMAN, ARABIC)),
        container("chapter", "Caibidil", numbers=(ROMAN, ARABIC)),
        basic("article", "Airteagal", numbers=(ARABIC, ROMAN)),
        basic("section", "Alt"),
        annex("schedule", "Sceideal", numbers=(ROMAN, ARABIC)),
    ),
    stop_words=words(
        "an | na | agus | ar | le | nó | seo | go | sin | chun | faoi | den | ag | ní | bhfuil | "
        "aon | gach | lena"
    ),
    reference_after=words("den | agus | nó | de | a | ar"),
    reference_before=words("le | faoi | in | agus | nó | de | Airteagal | alt"),
    sub_forms=("(1)", "1°", "(a)", "(i)"),
)
EU: Final = Profile(
    name="eu",
    words=(
        after_number(
            "title",
            UnitRole.CONTAINER,
            "titulua",
            numbers=(r"[IVXLC]+\.?", r"\d+\."),
            initials=r"\dIVXLC",
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "kapitulua",
            numbers=(r"[IVXLC]+\.?", r"\d+\."),
            initials=r"\dIVXLC",
        ),
        after_number(
            "article", UnitRole.BASIC, "artikulua", numbers=(r"\d{1,4}\.",), initials=r"\d"
        ),
        annex("annex", "Eranskina", numbers=(ROMAN, ARABIC, LETTER)),
    ),
    stop_words=words(
        "eta | da | du | edo | ez | dira | bat | honek | hau | dute | den | lege | bere | izango | "
        "arabera | dituen | diren"
    ),
    reference_before=words("eta | edo | honen | legearen"),
    sub_forms=("1.", "a)", "1.-"),
)
