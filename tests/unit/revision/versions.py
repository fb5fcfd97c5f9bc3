"""Versions for the tests of comparing, written out or drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from domain.revision.units import Version, VersionUnit

TEXTS = {
    1: "This act governs the landing of herring and of sprat in the three northern harbours.",
    2: "A skipper who lands fish weighs it on the quay before it is sold or stored.",
    3: "The harbour board keeps a register of scales and has each of them tested every spring.",
    4: "Whoever obstructs a weigher in the course of weighing commits an offence of this act.",
    5: "The minister lays a report on landings before the assembly by the first of March.",
    6: "Ice that is taken from public stores is paid for at the rate that the board has posted.",
}


def law(articles: dict[str, str], *, parents: dict[str, str] | None = None) -> Version:
    """A version of articles by number, each below the chapter that `parents` names."""
    units: list[VersionUnit] = []
    for number, text in articles.items():
        parent = (parents or {}).get(number)
        head = f"~chp_{parent}" if parent else None
        if head and head not in {unit.address for unit in units}:
            body = f"Chapter {parent} {'Landing' if parent == '1' else 'Penalties and fees'}\n"
            units.append(VersionUnit(head, f"Chapter {parent}", body, "chapter", None, ""))
        label = f"Article {number}."
        body = f"{label} {text}\n"
        units.append(VersionUnit(f"~art_{number}", label, body, "article", head, label))
    return Version("xx.1", "made", tuple(units))


_WORD = st.sampled_from(("weigh", "quay", "fish", "board", "ice", "scale", "net", "rope", "boat"))
_TEXT = st.lists(_WORD, min_size=0, max_size=20).map(" ".join)
_NUMBER = st.integers(1, 12).map(str)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Some articles with numbers of their own, short and long texts, some of them alike."""
    return law(draw(st.dictionaries(_NUMBER, _TEXT, max_size=10)))
