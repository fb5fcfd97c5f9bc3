"""Languages of eastern Europe, in words only: Romanian, Czech, Slovak, Hungarian, Croatian,
Slovene, Greek, Bulgarian, Russian, Ukrainian, Estonian, Latvian, Lithuanian.
"""

from __future__ import annotations

from typing import Final

from adapters.readers.profiles.base import (
    ARABIC,
    LETTER,
    ROMAN,
    Profile,
    UnitRole,
    after_number,
    annex,
    basic,
    container,
    provision,
    words,
)

_DOTTED: Final = (r"\d{1,4}[a-z]?\.?",)
_FIRST_DIGITS: Final = r"\d"
# `52[1-1]` stands between `52¹` and `52²` in Russian laws.
_LETTERED: Final = r"\d{1,4}(?:\[\d{1,2}(?:-\d{1,2})?\]|[a-zа-яα-ω]?(?:[-.]\d{1,2}|\^\d+)*)"

RO: Final = Profile(
    name="ro",
    words=(
        container("part", "Partea"),
        container("book", "Cartea"),
        container("title", "Titlul"),
        container("chapter", "Capitolul"),
        container("section", "Secțiunea", "Secţiunea"),
        basic(
            "article",
            "Articolul",
            "Articol",
            "Art.",
            numbers=(r"(?:\d{1,4}|[IVXLC]{1,8})\^\d+", ARABIC, ROMAN, r"[Uu]nic\b"),
        ),
        annex("annex", "Anexa"),
    ),
    stop_words=words(
        "și | şi | de | la | în | din | care | pentru | sau | prin | cu | se | prezenta | sunt | "
        "este | ale"
    ),
    joins=("și", "şi"),
    reference_after=words("alin | din | și | şi | lit | se | sau"),
    reference_before=words("la | art | din | și | şi | sau | prevăzute"),
    quotes=(("„", "”"), ("«", "»"), ('"', '"')),
    sub_forms=("(1)", "a)", "1."),
)
CS: Final = Profile(
    name="cs",
    words=(
        container("part", "Část", "Časť", numbers=(r"[A-ZÁ-Ž]{4,}",)),
        container("title", "Hlava"),
        container("chapter", "Díl"),
        container("section", "Oddíl"),
        basic("section", "§§", "§"),
        basic("article", "Článek", "Článok", "Čl.", numbers=(ARABIC, ROMAN)),
        annex("annex", "Příloha", "Príloha"),
    ),
    stop_words=words(
        "se | na | podle | nebo | je | pro | jsou | který | které | která | tohoto | zákona | "
        "být | jeho | při"
    ),
    joins=("až", "a"),
    reference_after=words("odst | písm | a | nebo | zákona | se | věta"),
    reference_before=words("podle | v | a | nebo | s | ustanovení"),
    quotes=(("„", "“"), ('"', '"')),
    sub_forms=("(1)", "a)", "1."),
)
SK: Final = Profile(
    name="sk",
    words=CS.words,
    stop_words=words(
        "sa | na | podľa | alebo | je | pre | sú | ktorý | ktoré | ktorá | tohto | zákona | byť | "
        "jeho | pri"
    ),
    joins=("až", "a"),
    reference_after=words("ods | písm | a | alebo | zákona | sa | veta"),
    reference_before=words("podľa | v | a | alebo | s | ustanovenia"),
    quotes=CS.quotes,
    sub_forms=CS.sub_forms,
)
HU: Final = Profile(
    name="hu",
    words=(
        after_number(
            "part",
            UnitRole.CONTAINER,
            "RÉSZ",
            "Rész",
            numbers=(r"[A-ZÁ-Ű]{3,}",),
            initials="A-ZÁ-Ű",
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "Fejezet",
            numbers=(r"[IVXLC]+(?:/[A-Z])?\.",),
            initials="IVXLC",
        ),
        after_number(
            "section",
            UnitRole.BASIC,
            "§",
            numbers=(r"\d{1,4}(?:/[A-Z]{1,2})?\.",),
            initials=_FIRST_DIGITS,
        ),
        after_number(
            "article",
            UnitRole.BASIC,
            "cikk",
            numbers=(r"\d{1,4}\.", r"[IVXLC]+\."),
            initials=r"\dIVXLC",
        ),
        annex("annex", "Melléklet"),
    ),
    stop_words=words(
        "és | az | hogy | vagy | nem | szerint | szerinti | meg | törvény | kell | esetén | alapján"
    ),
    reference_after=words("szerinti | szerint | és | vagy | bekezdés | alapján"),
    reference_before=words("a | az | és | vagy"),
    quotes=(("„", "”"), ('"', '"')),
    sub_forms=("(1)", "a)", "1."),
)
HR: Final = Profile(
    name="hr",
    words=(
        container("part", "Dio", "Deo"),
        container("title", "Glava"),
        container("chapter", "Poglavlje"),
        basic("article", "Članak", "Član", "Člen", numbers=(r"\d{1,4}\.?[a-z]\b", _LETTERED)),
        after_number("article", UnitRole.BASIC, "člen", numbers=_DOTTED, initials=_FIRST_DIGITS),
        annex("annex", "Prilog", "Priloga"),
    ),
    stop_words=words(
        "se | na | ili | za | od | članka | ovoga | zakona | koji | koje | su | odnosno | kao | "
        "može | prema | i | u | ima"
    ),
    reference_after=words("stavka | stav | i | ili | ovoga | ovog | zakona | odstavek"),
    reference_before=words("iz | i | ili | u | članka | člana | od"),
    quotes=(("„", "”"), ("»", "«"), ('"', '"')),
    sub_forms=("(1)", "1.", "a)"),
)
SL: Final = Profile(
    name="sl",
    words=HR.words,
    stop_words=words(
        "in | je | v | ki | ali | za | se | na | do | ima | vsak | člen | zakona | pri | ne | po | "
        "so | lahko | iz | tega"
    ),
    reference_after=words("odstavek | odstavka | in | ali | tega | zakona | alinea"),
    reference_before=words("iz | in | ali | v | člena | po | do"),
    quotes=HR.quotes,
    sub_forms=HR.sub_forms,
)
_EL_NTH: Final = (  # `Άρθρο πρώτο`, `ΑΡΘΡΟ ΔΕΥΤΕΡΟ`, `Άρθρο μόνο`
    r"(?:(?:[Δδ]έκατο|ΔΕΚΑΤΟ|[Εε]ικοστό|ΕΙΚΟΣΤΟ)[ ])?"
    r"(?:[Μμ][όο]νο|ΜΟΝΟ|[Ππ]ρώτο|ΠΡΩΤΟ|[Δδ]εύτερο|ΔΕΥΤΕΡΟ|[Ττ]ρίτο"
    r"|ΤΡΙΤΟ|[Ττ]έταρτο|ΤΕΤΑΡΤΟ|[Ππ]έμπτο|ΠΕΜΠΤΟ|[Έέ]κτο|ΕΚΤΟ|[Έέ]βδομο|ΕΒΔΟΜΟ|[Όό]γδοο|ΟΓΔΟΟ"
    r"|[Έέ]νατο|ΕΝΑΤΟ|[Δδ]έκατο|ΔΕΚΑΤΟ|[Εε]νδέκατο|ΕΝΔΕΚΑΤΟ|[Δδ]ωδέκατο|ΔΩΔΕΚΑΤΟ)\b"
)
EL: Final = Profile(
    name="el",
    words=(
        container("part", "Μέρος", "ΜΕΡΟΣ", numbers=(r"[Α-Ω]{1,3}['΄’]?", ROMAN, ARABIC)),
        container("chapter", "Κεφάλαιο", "ΚΕΦΑΛΑΙΟ", numbers=(r"[Α-Ω]{1,3}['΄’]?", ROMAN, ARABIC)),
        basic("article", "Άρθρο", "Αρθρο", "ΑΡΘΡΟ", numbers=(r"\d{1,4}[Α-Ω]?", _EL_NTH)),
        annex("annex", "Παράρτημα", "ΠΑΡΑΡΤΗΜΑ"),
    ),
    stop_words=words(
        "και | του | της | των | να | που | με | για | από | στο | την | τον | στην | ή | το | η"
    ),
    reference_after=words("παράγραφος | του | της | και | παρ"),
    reference_before=words("του | το | στο | και | με | άρθρο"),
    contents=("Πίνακας περιεχομένων", "ΠΙΝΑΚΑΣ ΠΕΡΙΕΧΟΜΕΝΩΝ", "Περιεχόμενα", "ΠΕΡΙΕΧΟΜΕΝΑ"),
    quotes=(("«", "»"), ("“", "”"), ('"', '"')),
    sub_forms=("1.", "(1)", "a)"),
)
_SLAVIC: Final = (
    container("part", "Часть", "Част", "Частина"),
    container("section", "Раздел", "Розділ"),
    container("chapter", "Глава"),
    basic("article", "Статья", "Стаття", "Член", "Чл.", numbers=(_LETTERED, ROMAN)),
    basic("rule", "Правило"),
    annex("annex", "Приложение", "Додаток"),
)
RU: Final = Profile(
    name="ru",
    words=_SLAVIC,
    stop_words=words(
        "и | в | на | с | по | или | не | о | их | для | при | настоящий | настоящего | закона | "
        "который | его"
    ),
    reference_after=words("настоящего | и | или | Закона | закона | части | пункта | Кодекса"),
    reference_before=words("в | и | или | с | статьи | статье | по"),
    quotes=(("«", "»"), ("“", "”"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
_BG_NTH: Final = (  # `Глава първа`, `ГЛАВА ДВАДЕСЕТ И ПЪРВА`
    r"(?:(?:Двадесет|двадесет|ДВАДЕСЕТ)[ ](?:и|И)[ ])?(?:[Пп]ърва|ПЪРВА|[Вв]тора|ВТОРА|[Тт]рета"
    r"|ТРЕТА|[Чч]етвърта|ЧЕТВЪРТА|[Пп]ета|ПЕТА|[Шш]еста|ШЕСТА|[Сс]едма|СЕДМА|[Оо]сма|ОСМА"
    r"|[Дд]евета|ДЕВЕТА|[Дд]есета|ДЕСЕТА|[А-Яа-я]{2,9}(?:надесета|НАДЕСЕТА)|[Дд]вадесета"
    r"|ДВАДЕСЕТА)\b"
)
BG: Final = Profile(
    name="bg",
    words=(
        container("part", "Част", numbers=(ROMAN, ARABIC, LETTER, _BG_NTH)),
        container("chapter", "Глава", numbers=(ROMAN, ARABIC, LETTER, _BG_NTH)),
        container("section", "Раздел"),
        basic("article", "Член", "Чл.", numbers=(_LETTERED,)),
        # Supplementary and transitional provisions are counted apart, after the last article.
        provision("§", "§", numbers=(r"\d{1,3}[а-я]?",)),
        annex("annex", "Приложение"),
    ),
    stop_words=words(
        "и | на | за | се | от | с | по | или | да | не | който | която | този | които | при | е | "
        "са | им"
    ),
    reference_after=words("ал | от | и | или | т"),
    reference_before=words("по | в | и | или | на | от"),
    quotes=(("„", "“"), ('"', '"')),
    sub_forms=("(1)", "1."),
)
UK: Final = Profile(
    name="uk",
    words=_SLAVIC,
    stop_words=words(
        "і | та | в | у | на | з | або | не | про | за | для | від | цього | закону | статті | "
        "який | його | що"
    ),
    reference_after=words("цього | і | та | або | Закону | частини | пункту"),
    reference_before=words("в | у | і | та | або | статті | з"),
    quotes=RU.quotes,
    sub_forms=("1.", "1)"),
)
ET: Final = Profile(
    name="et",
    words=(
        after_number(
            "part", UnitRole.CONTAINER, "osa", numbers=(r"\d+\.",), initials=_FIRST_DIGITS
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "peatükk",
            numbers=(r"\d+\.", r"[IVXLC]+"),
            initials=r"\dIVXLC",
        ),
        basic("section", "§§", "§"),
        basic("article", "Artikkel"),
        annex("annex", "Lisa"),
    ),
    stop_words=words(
        "ja | on | või | ning | kui | ei | selle | käesoleva | seaduse | mis | kes | tema | "
        "lõikes | isik | kohta"
    ),
    reference_after=words("lõike | lõikes | ja | või"),
    reference_before=words("seaduse | ja | või | seadustiku"),
    quotes=(("„", "“"), ("«", "»"), ('"', '"')),
    sub_forms=("(1)", "1)"),
)
LV: Final = Profile(
    name="lv",
    words=(
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "nodaļa",
            numbers=(r"\d+\.", r"[IVXLC]+"),
            initials=r"\dIVXLC",
        ),
        after_number(
            "article",
            UnitRole.BASIC,
            "pants",
            numbers=(r"\d{1,4}\.(?:\d+)?",),
            initials=_FIRST_DIGITS,
        ),
        annex("annex", "Pielikums"),
    ),
    stop_words=words(
        "un | vai | par | ir | no | kas | ar | tiek | kā | šā | likuma | noteikto | tā | šajā | "
        "saskaņā"
    ),
    reference_before=words("un | vai | likuma | šā"),
    quotes=(("“", "”"), ("«", "»"), ('"', '"')),
    sub_forms=("(1)", "1)"),
)
_LT_NTH: Final = (
    r"(?i:(?:pirm|antr|treči|ketvirt|penkt|šešt|septint|aštunt|devint|dešimt|(?:vienuo|dvy|try"
    r"|keturio|penkio|šešio|septynio|aštuonio|devynio)likt|dvidešimt)(?:asis|oji))\b"
)
_LT_INITIALS: Final = r"\dIVXLCPATKŠSDpatkšsdv"
LT: Final = Profile(
    name="lt",
    words=(
        after_number(
            "part",
            UnitRole.CONTAINER,
            "dalis",
            numbers=(r"[IVXLC]+", _LT_NTH),
            initials=_LT_INITIALS,
        ),
        after_number(
            "chapter",
            UnitRole.CONTAINER,
            "skyrius",
            numbers=(r"[IVXLC]+", r"\d+", _LT_NTH),
            initials=_LT_INITIALS,
        ),
        after_number(
            "section",
            UnitRole.CONTAINER,
            "skirsnis",
            numbers=(r"[IVXLC]+", r"\d+", _LT_NTH),
            initials=_LT_INITIALS,
        ),
        after_number(
            "article",
            UnitRole.BASIC,
            "straipsnis",
            numbers=(r"\d{1,4}(?:[¹²³⁰⁴-⁹]+|\[\d{1,2}\]|\^\d{1,2}|-\d{1,2})?",),
            initials=_FIRST_DIGITS,
        ),
        annex("annex", "Priedas"),
    ),
    stop_words=words(
        "ir | ar | yra | šio | įstatymo | kad | arba | su | pagal | turi | asmuo | būti | dėl | "
        "apie | jeigu"
    ),
    reference_before=words("ir | ar | šio | įstatymo | arba"),
    quotes=(("„", "“"), ('"', '"')),
    sub_forms=("1.", "1)"),
)
