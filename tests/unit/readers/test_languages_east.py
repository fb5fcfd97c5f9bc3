"""Laws of eastern Europe: the profile is detected, and the articles and groups are those that
people cite.
"""

from __future__ import annotations

import pytest

from domain.reading.marks import Level
from tests.unit.readers.helpers import marked, numbers

# name of the profile, numbers of the units, numbers of the groups, text
LAWS = {
    "romanian": (
        "ro",
        ["1", "1^1", "2"],
        ["I"],
        """
CAPITOLUL I
Dispoziții generale
Art. 1. - Prezenta lege reglementează folosirea apelor din țară.
Art. 1^1. - Râurile sunt ale tuturor.
Articolul 2
Legea intră în vigoare.
""",
    ),
    "czech": (
        "cs",
        ["1", "1a"],
        ["PRVNÍ"],
        """
ČÁST PRVNÍ
OBECNÁ USTANOVENÍ
§ 1
Tento zákon je pro všechny, které se na něm podílejí.
§ 1a
Podle tohoto zákona je voda všech.
""",
    ),
    "slovak": (
        "sk",
        ["1", "2"],
        [],
        """
PRVÁ ČASŤ
§ 1
Tento zákon sa vzťahuje na všetky osoby, ktoré sú podľa neho povinné.
§ 2
Voda je pre všetkých.
""",
    ),
    "hungarian": (
        "hu",
        ["1", "1/A", "2"],
        ["I"],
        """
I. Fejezet
Általános rendelkezések
1. § (1) A törvény a vizek védelméről szól, és az ország területén érvényes.
1/A. § A folyó is víz, ha nem patak.
2. § A törvény hatályba lép.
""",
    ),
    "croatian": (
        "hr",
        ["1", "1a", "2"],
        ["I"],
        """
GLAVA I.
OPĆE ODREDBE
Članak 1.
Ovim se zakonom uređuju vode na području države.
Članak 1.a
Rijeke su vode prema odredbama ovoga zakona.
Članak 2.
Zakon stupa na snagu.
""",
    ),
    "greek": (
        "el",
        ["1", "1Α", "2"],
        ["Α΄"],
        """
ΚΕΦΑΛΑΙΟ Α΄
ΓΕΝΙΚΕΣ ΔΙΑΤΑΞΕΙΣ
Άρθρο 1
Αντικείμενο
Ο νόμος ρυθμίζει τη χρήση των υδάτων και την προστασία τους.
Άρθρο 1Α
Οι ποταμοί είναι του κράτους.
Άρθρο 2
Ο νόμος ισχύει.
""",
    ),
    "russian": (
        "ru",
        ["1", "1.1", "2"],
        ["1"],
        """
Глава 1. Общие положения
Статья 1. Предмет
Настоящий закон регулирует использование вод и их охрану.
Статья 1.1. Реки
Реки есть воды, о которых говорит закон.
Статья 2. Вступление в силу
Со дня публикации.
""",
    ),
    "bulgarian": (
        "bg",
        ["1", "2", "2а"],
        [],
        """
Чл. 1. Този закон урежда ползването на водите и опазването им.
Чл. 2. (1) Водите са на държавата.
Чл. 2а. Реките са води, които се опазват от държавата.
""",
    ),
    "ukrainian": (
        "uk",
        ["1", "2"],
        ["I"],
        """
Розділ I
ЗАГАЛЬНІ ПОЛОЖЕННЯ
Стаття 1. Предмет
Цей закон регулює використання вод та їх охорону, що є у держави.
Стаття 2. Води
Води належать державі або громаді.
""",
    ),
    "estonian": (
        "et",
        ["1", "2"],
        ["1"],
        """
1. peatükk
ÜLDSÄTTED
§ 1. Reguleerimisala
Käesolev seadus reguleerib vee kasutamist ja kaitset.
§ 2. Mõisted
Vesi on kõigi oma, kui seaduses ei ole teisiti.
""",
    ),
    "latvian": (
        "lv",
        ["1", "2"],
        ["I"],
        """
I nodaļa
Vispārīgie noteikumi
1. pants. Mērķis
Likuma mērķis ir ūdeņu aizsardzība un to izmantošana.
2. pants. Termini
Ūdeņi ir visu.
""",
    ),
    "lithuanian": (
        "lt",
        ["1", "2"],
        ["I"],
        """
I SKYRIUS
BENDROSIOS NUOSTATOS
1 straipsnis. Paskirtis
Šis įstatymas nustato vandenų naudojimo ir apsaugos tvarką.
2 straipsnis. Sąvokos
Vandenys yra visų.
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
