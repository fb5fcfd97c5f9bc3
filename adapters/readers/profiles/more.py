"""Further languages whose laws differ in words only: Spanish, Dutch, the Nordic ones, Polish,
Indonesian, Swahili, Turkish.
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
    basic,
    container,
    provision,
    words,
)

_ES_NTH: Final = (
    "primer[oa]|segund[oa]|tercer[oa]|cuart[oa]|quint[oa]|sext[oa]|s[ée]ptim[oa]|octav[oa]|noven[oa]|d[ée]cim[oa]"
    "|und[ée]cim[oa]|duod[ée]cim[oa]|(?:vi|tri|cuadra|quincua)g[ée]sim[oa]"
)
_ES_ORDINAL: Final = rf"(?i:(?:{_ES_NTH})(?:[ ](?:{_ES_NTH}))?|[úu]nic[oa]|preliminar)\b"
_ES_BIS: Final = (
    r"\d{1,4}[oº°]?\.?[ ](?:[Bb]is|BIS|[Tt]er|TER|[Qq]u[aá]ter|QU[AÁ]TER)\b"  # `2o. Bis`
)
_ES: Final = (_ES_ORDINAL, ROMAN, ARABIC, LETTER)

ES: Final = Profile(
    name="es",
    words=(
        container("part", "Parte", numbers=_ES),
        container("book", "Libro", numbers=_ES),
        container("title", "Título", "Titulo", numbers=_ES),
        container("chapter", "Capítulo", "Capitulo", numbers=_ES),
        container("section", "Sección", "Seccion", numbers=_ES),
        container("subsection", "Subsección", "Subseccion", numbers=_ES),
        basic(
            "article",
            "Artículo",
            "Articulo",
            "Art.",
            numbers=(_ES_BIS, ARABIC, _ES_ORDINAL, r"[IVX]+\.?[°º]", r"[IVX]+\b"),
            iberian=True,
        ),
        *(
            provision(word, f"Disposición {word}", f"Disposicion {word}", numbers=(*_ES,))
            for word in ("adicional", "transitoria", "derogatoria", "final")
        ),
        provision(
            "transitorio",
            *("Artículo transitorio", "Articulo transitorio", "Artículo Transitorio"),
            numbers=(ARABIC, _ES_ORDINAL),
        ),
        annex("annex", "Anexo"),
        alone("preamble", UnitRole.PREAMBLE, "Preámbulo", "Exposición de motivos"),
    ),
    stop_words=words(
        "de | la | el | los | las | del | en | que | por | se | para | una | con | al | y | su"
    ),
    joins=("a", "y"),
    reference_after=words(
        "de | del | y | o | se | bis | apartado | párrafo | es | son | será | inciso | letra | "
        "fracción"
    ),
    reference_before=words(
        "el | del | los | al | en | de | y | o | artículos | artículo | por | con | según"
    ),
    contents=("Índice",),
    sub_forms=("1.", "a)", "1.º", "I.", "(1)"),
)
_NORDIC: Final = r"\d{1,4}(?:-\d{1,3})?[ ][a-z](?=[.:]|[ \t]*\n)"  # `§ 2 a.`

# `Artikel één`: beside figures the first alone is said in words.
_NL_ONE: Final = r"(?:[Éé]én|ÉÉN|EEN|[Ee]en)(?=[ \t*_]*(?:[.:–—-]|\n|\Z))"
NL: Final = Profile(
    name="nl",
    words=(
        container("book", "Boek"),
        container("part", "Deel"),
        container("title", "Titel"),
        container("chapter", "Hoofdstuk"),
        container("section", "Afdeling"),
        container("subsection", "Paragraaf", "§"),
        basic(
            "article",
            "Artikel",
            "Art.",
            numbers=(r"\d+:\d+[a-z]*", SLASHED, ARABIC, ROMAN, _NL_ONE),
        ),
        annex("annex", "Bijlage"),
        alone("preamble", UnitRole.PREAMBLE, "Aanhef", "Preambule"),
    ),
    stop_words=words(
        "de | het | van | een | en | of | in | dat | wordt | voor | met | op | is | bij | zijn"
    ),
    joins=("tot", "en"),
    reference_after=words(
        "van | en | of | is | lid | eerste | tweede | derde | wordt | zijn | tot | onderdeel | "
        "bedoelde"
    ),
    reference_before=words(
        "van | in | het | de | en | of | bij | op | met | artikelen | artikel | ingevolge | "
        "krachtens"
    ),
    contents=("Inhoudsopgave",),
    quotes=(("„", "”"), ("“", "”"), ('"', '"')),
    sub_forms=("1.", "a.", "(1)", "1°."),
)
SV: Final = Profile(
    name="sv",
    words=(
        container("part", "Avdelning", "Avd."),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "kap.",
            "kap",
            "kapitlet",
            numbers=(r"\d+[ ]?[a-z]?",),
            initials=r"\d",
        ),
        after_number(
            "section", UnitRole.BASIC, "§§", "§", numbers=(r"\d+(?:[ ]?[a-z])?",), initials=r"\d"
        ),
        container("chapter", "Kapitel", numbers=(ROMAN, ARABIC)),
        basic("section", "§§", "§", numbers=(r"\d{1,3}(?:\.\d{1,3}){1,3}", ARABIC)),
        basic("article", "Artikel"),
        annex("annex", "Bilaga"),
    ),
    stop_words=words(
        "och | att | som | för | av | eller | den | det | till | med | om | skall | ska | inte | en"
    ),
    joins=("och", "till"),
    reference_after=words(
        "och | eller | första | andra | tredje | ska | skall | gäller | i | får | samt | st"
    ),
    reference_before=words("i | enligt | och | eller | av | med | till | kap | kap. | från | om"),
    contents=("Innehåll",),
    quotes=(("”", "”"), ('"', '"')),
    sub_forms=("1.", "a)"),
)
FI: Final = Profile(
    name="fi",
    words=(
        after_number(
            "part",
            UnitRole.CONTAINER,
            "osa",
            numbers=(r"\d+[ ]?[a-z]?", ROMAN),
            initials=r"\dIVXLCDM",
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "luku",
            numbers=(r"\d+[ ]?[a-z]?", ROMAN),
            initials=r"\dIVXLCDM",
        ),
        after_number(
            "section",
            UnitRole.BASIC,
            "§",
            "pykälä",
            numbers=(r"\d+(?:[ ]?[a-z])?",),
            initials=r"\d",
        ),
        after_number("article", UnitRole.BASIC, "artikla", numbers=(r"\d+[a-z]?",), initials=r"\d"),
        annex("annex", "Liite"),
    ),
    stop_words=words(
        "ja | on | tai | että | jos | mukaan | ei | sekä | voi | tämän | joka | lain | ovat | "
        "säädetään"
    ),
    joins=("ja",),
    reference_after=words("ja | tai | momentin | momentissa | mukaan | on"),
    reference_before=words("ja | tai | lain | luvun"),
    quotes=(("”", "”"), ('"', '"')),
    sub_forms=("1)", "a)"),
)
DA: Final = Profile(
    name="da",
    words=(
        container("part", "Afsnit"),
        container("chapter", "Kapitel", "Kapittel"),
        basic("section", "§§", "§", numbers=(_NORDIC, ARABIC)),
        basic("article", "Artikel"),
        annex("annex", "Bilag"),
    ),
    stop_words=words(
        "og | af | til | den | det | for | eller | der | ikke | som | med | efter | skal | kan | "
        "er | stk | loven"
    ),
    joins=("og", "til"),
    reference_after=words("stk | og | eller | nr | i | finder | gælder | kan | skal"),
    reference_before=words("i | efter | og | eller | jf | jf. | af | til | med"),
    sub_forms=("1)", "a)"),
)
NO: Final = Profile(
    name="no",
    words=(
        container("part", "Del"),
        container("chapter", "Kapittel", "Kapitel", "Kap."),
        basic("section", "§§", "§", numbers=(_NORDIC, ARABIC)),
        basic("article", "Artikkel"),
        annex("annex", "Vedlegg"),
    ),
    stop_words=words(
        "og | av | til | den | det | for | eller | der | ikke | som | med | etter | skal | kan | "
        "er | loven"
    ),
    joins=("og", "til"),
    reference_after=words(
        "og | eller | første | annet | andre | tredje | nr | i | gjelder | kan | skal | bokstav | "
        "ledd"
    ),
    reference_before=words("i | etter | og | eller | jf | jf. | av | til | med"),
    quotes=(("«", "»"), ("“", "”"), ('"', '"')),
    sub_forms=("(1)", "1.", "a)"),
)
PL: Final = Profile(
    name="pl",
    words=(
        container("part", "Część"),
        container("book", "Księga"),
        container("title", "Tytuł"),
        container("division", "Dział"),
        container("chapter", "Rozdział"),
        container("subchapter", "Oddział"),
        basic(
            "article",
            "Artykuł",
            "Art.",
            numbers=(r"\d{1,4}[a-z]{0,2}(?:\[\d+\]|[¹²³⁰⁴-⁹]+)", ARABIC),
        ),
        basic("section", "§"),
        annex("annex", "Załącznik"),
    ),
    stop_words=words(
        "oraz | lub | nie | się | jest | przez | dla | których | może | od | ustawy | ust | pkt | "
        "które | jeżeli"
    ),
    joins=("i", "do"),
    reference_after=words("ust | i | lub | oraz | pkt | ustawy | stosuje | zdanie | Kodeksu"),
    reference_before=words("w | z | i | lub | o | na | mowa | do | oraz | art | art."),
    quotes=(("„", "”"), ('"', '"')),
    sub_forms=("1.", "1)", "a)"),
)
ID: Final = Profile(
    name="id",
    words=(
        container("book", "Buku"),
        container("chapter", "Bab"),
        container("section", "Bagian", numbers=(r"[Kk]e\w+", ROMAN, ARABIC)),
        container("subsection", "Paragraf"),
        # A scanner may read the digit 1 as a letter: `Pasal l6`.
        basic("article", "Pasal", numbers=(r"[lI]\d{1,2}(?!\w)", ARABIC, ROMAN)),
        annex("annex", "Lampiran", "Penjelasan"),  # an elucidation goes through the articles again
        # Below these the articles of the constitution count from I: they are no second article 1.
        alone("part", UnitRole.CONTAINER, "Aturan Peralihan", "Aturan Tambahan"),
    ),
    stop_words=words(
        "dan | yang | dalam | dengan | atau | untuk | pada | di | oleh | ini | sebagaimana | "
        "dari | tidak | bahwa | karena | dapat"
    ),
    reference_after=words("ayat | dan | huruf | atau | dapat | Undang-Undang"),
    reference_before=words("dalam | dan | atau | pada | dengan | Pasal"),
    sub_forms=("(1)", "1.", "a."),
)
_SW_ORDINAL: Final = r"(?i:kwanza|pili|tatu|nne|tano|sita|saba|nane|tisa|kumi(?:\sna\s\w+)?)\b"
SW: Final = Profile(
    name="sw",
    words=(
        container("part", "Sehemu ya", "Sehemu", numbers=(_SW_ORDINAL, ROMAN, ARABIC)),
        container("chapter", "Sura ya", "Sura", numbers=(_SW_ORDINAL, ROMAN, ARABIC)),
        basic("article", "Ibara ya", "Ibara"),
        basic("section", "Kifungu cha", "Kifungu"),
        annex("schedule", "Jedwali", "Kiambatisho"),
    ),
    stop_words=words(
        "ya | na | wa | kwa | katika | za | au | la | ni | cha | kama | hiyo | yake | sheria"
    ),
    reference_after=words("cha | na | au | ya | kidogo"),
    reference_before=words("cha | ya | na | au | wa | katika"),
    sub_forms=("(1)", "(a)", "(i)"),
)
_TR_NTH: Final = (
    "birinci|ikinci|üçüncü|dördüncü|beşinci|altıncı|yedinci|sekizinci|dokuzuncu|on|onuncu"
)
_TR_NTHS: Final = (
    "BİRİNCİ|İKİNCİ|ÜÇÜNCÜ|DÖRDÜNCÜ|BEŞİNCİ|ALTINCI|YEDİNCİ|SEKİZİNCİ|DOKUZUNCU|ON|ONUNCU"
)
_TR_ONE: Final = rf"(?:{_TR_NTH}|{_TR_NTH.title()}|{_TR_NTHS}|Üçüncü|İkinci)"
_TR_ORDINAL: Final = rf"{_TR_ONE}(?:[ ]{_TR_ONE})?"
_TR_NUMBER: Final = (r"\d{1,4}(?:/[A-ZÇĞİÖŞÜ])?",)
TR: Final = Profile(
    name="tr",
    words=(
        after_number(
            "book",
            UnitRole.CONTAINER,
            "Kitap",
            "KİTAP",
            numbers=(_TR_ORDINAL,),
            initials="ABDIİOSYÜabdiosyü",
        ),
        after_number(
            "part",
            UnitRole.CONTAINER,
            "Kısım",
            numbers=(_TR_ORDINAL,),
            initials="ABDIİOSYÜabdiosyü",
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "Bölüm",
            numbers=(_TR_ORDINAL,),
            initials="ABDIİOSYÜabdiosyü",
        ),
        basic("article", "Madde", numbers=_TR_NUMBER),
        provision("ek", "Ek Madde", numbers=_TR_NUMBER),
        provision("geçici", "Geçici Madde", "GEÇİCİ MADDE", numbers=_TR_NUMBER),
        provision("ek-geçici", "Ek Geçici Madde", "EK GEÇİCİ MADDE", numbers=_TR_NUMBER),
        annex("annex", "Ek", numbers=(r"\d+(?!\.?[ ]*[Mm])",), bare=False),
    ),
    stop_words=words(
        "ve | veya | bir | bu | ile | için | olarak | göre | olan | tarafından | üzere | "
        "hakkında | ilgili | de"
    ),
    joins=("ila", "ve"),
    reference_after=words(
        "ve | ile | üncü | inci | uncu | ncı | nci | kapsamında | uyarınca | gereğince | hükmü"
    ),
    reference_before=words("ve | ile | veya | Kanunun | Kanunu | sayılı"),
    sub_forms=("(1)", "1.", "a)"),
)
