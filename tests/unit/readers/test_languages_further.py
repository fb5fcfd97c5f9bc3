"""Laws of Serbia, North Macedonia, Mongolia, Azerbaijan and Rwanda: the profile is detected, and what
is cited and what groups it is found without a doubt.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

# name of the profile, numbers of the units, numbers of the groups, text
LAWS = {
    "serbian": (
        "sr",
        ["1", "2", "2а", "3"],
        [],
        """
ЗАКОН О ЛАМПАМА

I. ОСНОВНЕ ОДРЕДБЕ

Предмет закона
Члан 1.
Овим законом уређује се паљење лампи које се користе на јавном месту.

Значење израза
Члан 2.
Лампа је светло које се може пренети, односно обесити.
Изузетно од члана 1. овог закона, лампа може да буде и свећа.

Члан 2а
Лампа се уписује у регистар на захтев власника.

II. ЗАВРШНА ОДРЕДБА

Члан 3.
Овај закон ступа на снагу наредног дана од дана објављивања.
""",
    ),
    "serbian-in-words": (
        "sr",
        ["1", "2", "3"],
        ["прва", "друга"],
        """
Глава прва
ОПШТЕ ОДРЕДБЕ
Члан 1
Овај закон уређује лампе и да се пале за све који су на путу.
Глава друга
КАЗНЕ
Члан 2
Казниће се ко не пали лампу према овом закону или је крије.
Члан 3
Закон је на снази од данас.
""",
    ),
    "macedonian": (
        "mk",
        ["1", "2", "3"],
        ["I"],
        """
Глава I
ОПШТИ ОДРЕДБИ
Член 1
Со овој закон се уредуваат ламбите кои се користат во јавност.
Член 2
Ламба е светло што може да се носи или да не се носи, како и свеќа.
Член 3
Овој закон ќе влезе во сила од денот на објавувањето.
""",
    ),
    "mongolian": (
        "mn",
        ["1", "2", "2.1", "3"],
        ["НЭГДҮГЭЭР", "ХОЁРДУГААР"],
        """
НЭГДҮГЭЭР БҮЛЭГ
НИЙТЛЭГ ҮНДЭСЛЭЛ
1 дүгээр зүйл.Хуулийн зорилт
1.1.Энэ хуулийн зорилт нь дэнлүүний тухай харилцааг зохицуулах байна.
2 дугаар зүйл.Дэнлүүний тухай хууль тогтоомж
2.1.Дэнлүүний тухай хууль тогтоомж нь энэ хууль болон бусад акт мөн.
2.2.Энэ хуулийн 1 дүгээр зүйлд заасан дэнлүү нь улсын өмч байж болно.
2.1 дугаар зүйл.Бүртгэл
Дэнлүүг бүртгэнэ.
ХОЁРДУГААР БҮЛЭГ
БУСАД
3 дугаар зүйл.Хүчин төгөлдөр болох
3.1.Энэ хуулийг өнөөдрөөс дагаж мөрдөнө.
""",
    ),
    "mongolian-in-words": (
        "mn",
        ["Нэгдүгээр", "Хоёрдугаар", "Гуравдугаар"],
        ["Нэгдүгээр"],
        """
Нэгдүгээр бүлэг
Монгол Улсын дэнлүү
Нэгдүгээр зүйл
1. Дэнлүү нь бүх нийтийн гэрэл бөгөөд энэ хуулийн хамгаалалтад байна.
Хоёрдугаар зүйл
1. Дэнлүү болон лаа нь улсын бүртгэлд байх эсхүл байхгүй байж болно.
Гуравдугаар зүйл
Дэнлүүг асаана.
""",
    ),
    "azerbaijani": (
        "az",
        ["1", "2", "2-1", "3"],
        ["I", "II"],
        """
I FƏSİL
ÜMUMİ MÜDDƏALAR
Maddə 1. Qanunun məqsədi
Bu qanun lampaların istifadəsi ilə bağlı olan münasibətləri müəyyən edir.
Maddə 2. Əsas anlayışlar
2.1. Lampa hər bir şəxs üçün işıqdır və onun hüquq obyektidir.
2.1.1. əl lampası;
Maddə 2-1. Qeydiyyat
Lampa qeydə alınır.
II fəsil
YEKUN
Maddə 3. Qüvvəyə minmə
Bu qanun dərc edildiyi gündən qüvvəyə minir.
""",
    ),
    "kazakh": (
        "kk",
        ["1", "2", "2-1", "3"],
        ["1", "2"],
        """
1-тарау. ЖАЛПЫ ЕРЕЖЕЛЕР
1-бап. Осы Заңның мақсаты
Осы Заң шамдарды пайдалану туралы қатынастарды реттейді және оның мақсаты шам болып табылады.
2-бап. Негізгі ұғымдар
1. Шам адамдар үшін жарық болып табылады, немесе осы Заңның
1-бабына сәйкес өзге жарық көзі.
2) май шам бар.
2-1-бап. Тіркеу
Шам тіркеледі.
2-тарау. ҚОРЫТЫНДЫ ЕРЕЖЕЛЕР
3-бап. Қолданысқа енгізу
Осы Заң алғашқы ресми жарияланған күнінен бастап қолданысқа енгізіледі.
""",
    ),
    "kyrgyz": (
        "ky",
        ["1", "2", "3"],
        ["1", "2"],
        """
1-глава. ЖАЛПЫ ЖОБОЛОР
1-берене. Мыйзамдын максаты
Ушул Мыйзам шамдарды пайдалануу боюнча мамилелерди жөнгө салат жана анын максаты башка.
2-берене. Түшүнүктөр
1. Шам адамдар үчүн жарык болуп эсептелет, же ушул Мыйзамга ылайык башка жарык.
2-глава. КОРУТУНДУ
3-берене. Күчүнө кирүү
Ушул Мыйзам жарыяланган күндөн тартып күчүнө кирет жана бул тууралуу маалымдалат.
""",
    ),
    "uzbek": (
        "uz",
        ["1", "2", "2-1", "3"],
        ["I", "1", "2"],
        """
I BO‘LIM. UMUMIY QISM
1-bob. Umumiy qoidalar
1-modda. Ushbu Qonunning maqsadi
Ushbu Qonun chiroqlardan foydalanish bilan bog‘liq munosabatlarni tartibga soladi.
2-modda. Asosiy tushunchalar
Chiroq har bir shaxs uchun yorug‘likdir yoki ushbu Qonunning
1-moddasiga muvofiq boshqa yorug‘lik ham emas.
2-1-modda. Hisobga olish
Chiroq davlat tomonidan hisobga olinadi va belgilanadi.
2-bob. Yakuniy qoidalar
3-modda. Kuchga kirish
Ushbu Qonun rasmiy e’lon qilingan kundan e’tiboran kuchga kiradi.
""",
    ),
    "tajik": (
        "tg",
        ["1", "2", "3"],
        ["1", "2"],
        """
БОБИ 1. МУҚАРРАРОТИ УМУМӢ
Моддаи 1. Мақсади Қонуни мазкур
Қонуни мазкур муносибатҳоро дар бораи чароғҳо ба танзим медарорад ва барои ҳар шахс аст.
Моддаи 2. Мафҳумҳои асосӣ
Чароғ рӯшноӣ аст, ки он дар хона ё бо тартиби дигар мувофиқи
моддаи 1 истифода мешавад.
БОБИ 2. МУҚАРРАРОТИ ХОТИМАВӢ
Моддаи 3. Мавриди амал қарор додани Қонун
Қонуни мазкур пас аз интишори расмӣ мавриди амал қарор дода шавад.
""",
    ),
    "kinyarwanda": (
        "rw",
        ["mbere", "2", "3", "4"],
        ["MBERE", "II"],
        """
UMUTWE WA MBERE: INGINGO RUSANGE
Ingingo ya mbere: Icyo iri tegeko rigamije
Iri tegeko rigamije amatara kandi rireba abantu bose mu Gihugu.
Ingingo ya 2: Ibisobanuro by'amagambo
Muri iri tegeko, itara ni urumuri cyangwa buji.
Ingingo ya 3: Kwandikisha
Itara ryandikwa ku cyicaro, kugira ngo rimenyekane, hakurikijwe ingingo ya 2 y'iri tegeko.
UMUTWE WA II: INGINGO ZISOZA
Ingingo ya 4: Igihe itegeko ritangira gukurikizwa
Iri tegeko ritangira gukurikizwa ku munsi ritangarijweho.
""",
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_units_and_groups_of_a_language(law: str) -> None:
    profile, units, groups, text = LAWS[law]
    found = marked(text)
    assert found.profile == profile
    assert numbers(found) == units
    assert numbers(found, Level.CONTAINER) == groups
    assert not found.doubts


def test_titles_stand_behind_the_number_in_mongolian() -> None:
    found = marked(LAWS["mongolian"][3])
    titles = [mark.title for mark in found.marks if mark.level is Level.BASIC]
    assert titles[:2] == ["Хуулийн зорилт", "Дэнлүүний тухай хууль тогтоомж"]


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (
            "hr",
            "Članak 1.\nOvaj zakon uređuje lampe koje se koriste na ulici.\nČlanak 2.\nLampa je.\n",
        ),
        (
            "bg",
            "Чл. 1. Този закон урежда лампите, които се използват.\nЧл. 2. Лампата е за всички.\n",
        ),
        ("ru", "Статья 1. Лампы\nНастоящий закон и лампы.\nСтатья 2. Свет\nСвет для всех.\n"),
        ("tr", "MADDE 1 – Bu Kanun lambalar hakkındadır.\nMADDE 2 – Lamba ve ışık bir bütündür.\n"),
        (
            "sw",
            "Ibara ya 1\nTaa ni ya watu wote katika nchi.\nIbara ya 2\nTaa na mshumaa kwa wote.\n",
        ),
    ],
)
def test_related_languages_keep_their_laws(profile: str, text: str) -> None:
    found = marked(text)
    assert (found.profile, numbers(found)) == (profile, ["1", "2"])
