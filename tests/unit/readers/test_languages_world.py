"""Laws in the scripts of Asia, the Caucasus and the Near East, and in further Latin languages: the
profile is detected, and numbers are given by value while labels keep what is printed.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Granularity, Level
from tests.unit.readers.helpers import marked, numbers, read

# name of the profile, numbers of the units, numbers of the groups, text
LAWS = {
    "chinese": (
        "zh",
        ["1", "2", "2-1", "3"],
        ["1"],
        """
第一章 总则
第一条 为了管理灯具，制定本法。
第二条 灯具分为：
（一）手灯；
（二）吊灯。
第五条第二款所称灯具，不在此限。
第二条之一 灯具应当登记。
第三条本法自公布之日起施行。
""",
    ),
    "chinese-traditional": (
        "zh",
        ["1", "2", "2-1"],
        ["1", "1"],
        """
第 一 編 總則

   第 一 章 通則

第 1 條
本法管理燈具。

第 2 條
燈具如下：
一、手燈。
二、吊燈。

第 2-1 條
（刪除）
""",
    ),
    "chinese-decision": (
        "zh",
        ["1", "2", "3"],
        [],
        """
一、将灯具法第五条修改为：“灯具应当登记。

“第五条 不登记的，处罚款。”

二、删去第六条。

三、本决定自公布之日起施行。
""",
    ),
    "japanese": (
        "ja",
        ["1", "2", "2-2", "1"],
        ["1"],
        """
第一章　総則

（目的）
第一条　この法律は、灯火の管理を定める。

（定義）
第二条　灯火とは、次のものをいう。
一　手灯
二　吊灯
第一条の規定は、これを適用しない。
第二条の二　削除

附　則
第一条　この法律は、公布の日から施行する。
""",
    ),
    "korean": (
        "ko",
        ["1", "2", "2-2", "3", "1"],
        ["1"],
        """
제1장 총칙

* 제 1조(목적) 이 법은 등불의 관리를 정한다.
제2조(정의) 등불은 다음과 같다.
1. 손등불
2. 매단 등불
제5조에 따라 등록하지 아니한다.
제2조의2(등록) 등불은 등록한다.
제3조 삭제

부칙 <제1호, 2020. 1. 1.>
제1조(시행일) 이 법은 시행한다.
""",
    ),
    "arabic": (
        "ar",
        ["1", "2", "21", "21مكرر"],
        ["1"],
        """
الباب الأول
أحكام عامة
المادة (١)
يسمى هذا النظام نظام المصابيح.
\u200fالمادة ٢:
في تطبيق هذا النظام:
١- المصباح: ما يضيء.
٢- المالك: صاحبه.
المادة الحادية والعشرون
يصدر الوزير اللائحة.
المادة ٢١ مكرر
يعمل به من تاريخ نشره.
""",
    ),
    "persian": (
        "fa",
        ["1", "2", "22"],
        ["1"],
        """
فصل اول
مادهٔ ۱- این قانون چراغ‌ها را در کشور تنظیم می کند.
ماده ۲ - هر مالک باید آن را:
۱- ثبت کند.
۲- نگه دارد.
ماده بیست و دوم
این قانون از امروز است.
""",
    ),
    "hebrew": (
        "he",
        ["1", "2", "2א"],
        ["א'"],
        """
פרק א': הוראות
1. (א) מנורה היא אור של הבית.
(ב) על פי זה.
2. מנורה לא תדלק.
2א. הוראות לפי חוק זה.
""",
    ),
    "thai": (
        "th",
        ["1", "2", "2/1"],
        ["1"],
        """
หมวด ๑
มาตรา ๑ พระราชบัญญัตินี้เรียกว่าโคม
มาตรา ๒ โคม ได้แก่
(๑) โคมมือ
(๒) โคมแขวน
มาตรา ๒/๑ ผู้ใดฝ่าฝืน
""",
    ),
    "hindi": (
        "hi",
        ["1", "2", "2क"],
        ["1"],
        """
भाग १
अनुच्छेद १. दीपक के नियम में और को है।
1. पहला दीपक
2. दूसरा दीपक
अनुच्छेद २. किसी दीपक का कर नहीं लिया जाएगा।
अनुच्छेद २क. यह नया है।
""",
    ),
    "nepali": (
        "ne",
        ["1", "2"],
        ["1"],
        """
परिच्छेद–१
दफा १. यस ऐनको नाम बत्ती ऐन रहेको छ र तुरुन्त प्रारम्भ हुनेछ ।
दफा २. बत्ती दर्ता गर्ने वा नगर्ने कुनै व्यक्तिको लागि ।
""",
    ),
    "armenian": (
        "hy",
        ["1", "2", "2.1"],
        ["1"],
        """
ԳԼՈՒԽ 1
Հոդված 1
1. Սույն օրենքը լամպերի մասին է:
2. Լամպը լույս է:
Հոդված 2. Լամպեր
Հոդված 2.1. Կարգ
1) մեծ,
2) փոքր:
""",
    ),
    "georgian": (
        "ka",
        ["1", "1.1", "2"],
        ["I"],
        """
თავი I
მუხლი 1. მიზანი
1. ეს კანონი არის ლამპის შესახებ.
2. ლამპა უნდა იყოს.
მუხლი 1¹. ლამპა
მუხლი 2. ძალაში შესვლა
""",
    ),
    "albanian": (
        "sq",
        ["1", "2", "2/a"],
        ["PARË"],
        """
PJESA E PARË
PARIME
Neni 1
1. Llamba është dritë në shtëpi.
2. Çdo llambë regjistrohet nga shteti.
Neni 2
Të gjithë janë për dritën.
Neni 2/a
Ky ligj hyn në fuqi.
""",
    ),
    "malay": (
        "ms",
        ["1", "2", "2A"],
        ["I"],
        """
BAHAGIAN I
PERMULAAN
Seksyen 1. Tajuk ringkas
Akta ini hendaklah dinamakan Akta Lampu dan terpakai kepada seseorang.
Seksyen 2. Tafsiran
Lampu boleh dipasang oleh pemilik bagi rumah.
Seksyen 2A. Daftar
""",
    ),
    "filipino": (
        "fil",
        ["1", "2"],
        ["I"],
        """
KABANATA I
Artikulo 1
Ang bawat tao ay may ilaw sa bahay.
Artikulo 2
Dapat itala ang lahat ng mga ilaw na ito.
""",
    ),
    "catalan": (
        "ca",
        ["1", "2"],
        ["I", "I"],
        """
Títol I: De les llums
Capítol I. Principis
Article 1
1. Les llums són de la seva ciutat.
2. Aquesta llei és per als pobles.
Article 2
El registre de les llums és públic amb una excepció.
""",
    ),
    "icelandic": (
        "is",
        ["1", "2", "3"],
        ["I"],
        """
I. kafli
Almennt
1. gr.
Lög þessi gilda um lampa og þá sem eru til.
2. gr. Lampar
Lampar skulu skráðir með nafni eða í skrá.
3.gr. Gildistaka
""",
    ),
    "irish": (
        "ga",
        ["1", "2"],
        [],
        """
Airteagal 1
Tá an dlí seo ar na lampaí agus ar an solas.
Airteagal 2
Ní bheidh lampa ag aon duine go dtí sin.
""",
    ),
    "basque": (
        "eu",
        ["1", "2"],
        [],
        """
1. artikulua. Xedea
Lege honek argiak arautzen ditu eta bere erregistroa da.
2. artikulua. Argiak
Argiak handiak edo txikiak dira.
""",
    ),
    "slovene": (
        "sl",
        ["1", "2"],
        [],
        """
1. člen
Ta zakon je za vse, ki so v državi, in za luči.
2. člen
Luči se lahko vpišejo na zahtevo ali pri uradu.
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


def test_labels_keep_what_is_printed() -> None:
    labels = {
        law: [mark.label for mark in marked(LAWS[law][3]).marks if mark.level is Level.BASIC]
        for law in ("chinese", "korean", "arabic")
    }
    assert labels["chinese"][2:] == ["第二条之一", "第三条"]
    assert labels["korean"][:3] == ["제 1조", "제2조", "제2조의2"]
    assert labels["arabic"][:3] == ["المادة (١)", "المادة ٢", "المادة الحادية والعشرون"]


def test_a_caption_above_the_number_is_the_title_and_begins_the_unit() -> None:
    text = LAWS["japanese"][3]
    first = next(mark for mark in marked(text).marks if mark.level is Level.BASIC)
    assert (first.title, text[first.start :][:4]) == ("目的", "（目的）")


def test_closing_provisions_of_catalan_laws_are_units() -> None:
    names = ["Article 1", "Disposició transitòria primera", "Disposició final"]
    body = "Les llums de la ciutat són públiques i aquesta llei és per a tothom amb llum."
    found = read("\n\n".join(f"## {name}\n\n{body}" for name in names), ".md")
    assert [mark.label for mark in found.marks if mark.level is Level.BASIC] == names


SUB = {
    "chinese": ("第一条 灯具分为：\n（一）手灯：\n1. 大的；\n2. 小的。\n（二）吊灯。\n", 4),
    "japanese": ("第一条　灯火とは次のもの。\n一　手灯\n二　吊灯\n２　登録する。\n一　甲\n", 4),
    "korean": ("제1조(정의) 등불은\n① 손등불\n1. 하나\n가. 둘\n나. 셋\n② 매단 등불\n", 5),
    "arabic": ("المادة ١\nفي هذا النظام:\n١- المصباح\nأ- كبير\nب- صغير\n٢- المالك\n", 4),
    "persian": ("ماده ۱\nاین قانون از آن است:\n۱- چراغ\nالف- بزرگ\nب- کوچک\n۲- مالک\n", 4),
    "thai": ("มาตรา ๑ โคม\n(๑) โคมมือ\n(ก) ใหญ่\n(ข) เล็ก\n(๒) โคมแขวน\n", 4),
    "hindi": ("धारा १. दीपक के में है।\n(१) पहला\n(क) बड़ा\n(ख) छोटा\n(२) दूसरा\n", 4),
    "georgian": ("მუხლი 1. ლამპა\n1. ლამპა არის:\nა) დიდი;\nბ) პატარა.\n2. და სხვა.\n", 4),
}


@pytest.mark.parametrize("law", SUB)
def test_lists_below_units_in_the_forms_of_a_language(law: str) -> None:
    text, count = SUB[law]
    found = marked(text, granularity=Granularity.SUB)
    assert len(numbers(found)) == 1
    assert len(numbers(found, Level.SUB)) == count
