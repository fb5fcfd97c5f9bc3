"""What each element of a DOCX part does to the text (ECMA-376 part 1, section 17).

An element that has no handler here is transparent: its text is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from adapters.readers.docx.numbering import symbol_text
from adapters.readers.docx.state import Field, Paragraph, PartState, Run
from adapters.readers.docx.styles import position_of, shift_of
from domain.errors import DocumentRefused

Attributes = Mapping[str, str]

_WORD: Final = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_MATH: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
_COMPATIBILITY: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_FALSE: Final = ("0", "false", "off")
_CHARACTERS: Final = {
    "tab": "\t",
    "ptab": "\t",
    "br": "\n",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
}
_NOTES: Final = ("footnote", "endnote")

# Left out with all they hold: what was there before a tracked change, and section properties.
_SKIPPED: Final = (
    *(
        "delText",
        "delInstrText",
        "pPrChange",
        "rPrChange",
        "tblPrChange",
        "tblPrExChange",
        "trPrChange",
        "tcPrChange",
    ),
    *("sectPrChange", "numberingChange", "tblGridChange", "sectPr"),
)


LEAVE_OUT: Final = object()
"""What a handler answers if the element is left out with all it holds."""

Start = Callable[[PartState, Attributes], object]
End = Callable[[PartState], None]


def _value(attributes: Attributes, name: str = "val") -> str | None:
    """An attribute of an element, in either of the namespaces."""
    return next(
        (attributes[ns + name] for ns in _WORD if ns + name in attributes), attributes.get(name)
    )


def _number(attributes: Attributes) -> int | None:
    value = _value(attributes) or ""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else None


def _open_paragraph(state: PartState, _: Attributes) -> None:
    state.paragraphs.append(Paragraph())
    state.hidden = False


def _open_properties(state: PartState, _: Attributes) -> None:
    state.in_paragraph_properties = bool(state.paragraphs)


def _property(name: str, read: Callable[[Attributes], object]) -> Start:
    """A handler that sets a field of the paragraph whose properties are open."""

    def handle(state: PartState, attributes: Attributes) -> None:
        if state.in_paragraph_properties:
            setattr(state.paragraphs[-1], name, read(attributes))

    return handle


def _flag(name: str, value: bool | None) -> Callable[..., None]:
    """A handler that sets a flag of the state."""

    def handle(state: PartState, _: Attributes | None = None) -> None:
        setattr(state, name, value)

    return handle


def _character(text: str) -> Start:
    return lambda state, _: state.put(text)


def _pop(name: str) -> End:
    """A handler that closes the innermost of something."""

    def handle(state: PartState) -> None:
        cast("list[Any]", getattr(state, name)).pop()

    return handle


def _open_run(state: PartState, _: Attributes) -> None:
    state.hidden = False
    state.run = Run()


def _run_style(state: PartState, attributes: Attributes) -> None:
    if not state.in_paragraph_properties:
        state.run.style = _value(attributes)


def _run_font(state: PartState, attributes: Attributes) -> None:
    if not state.in_paragraph_properties:
        state.run.font = _value(attributes, "ascii") or _value(attributes, "hAnsi")


def _run_shift(state: PartState, attributes: Attributes) -> None:
    if not state.in_paragraph_properties:
        state.run.shift = shift_of(_value(attributes))


def _run_position(state: PartState, attributes: Attributes) -> None:
    if not state.in_paragraph_properties:
        state.run.position = position_of(_value(attributes))


def _open_script(shift: int) -> Start:
    """A handler for a part of a formula, or of ruby text, that stands above or below its line."""
    return lambda state, _: state.scripts.append(shift)


def _open_bookmark(state: PartState, attributes: Attributes) -> None:
    if state.paragraphs:
        state.paragraphs[-1].bookmarks.add(_value(attributes, "name") or "")


def _open_hidden(state: PartState, attributes: Attributes) -> None:
    if _value(attributes) in _FALSE:
        return
    if state.in_paragraph_properties:
        state.paragraphs[-1].joined = True
    else:
        state.hidden = True


def _open_removed(state: PartState, _: Attributes) -> object:
    """Deleted or moved away: a paragraph's mark, a table row or a run, by where it stands."""
    if state.in_paragraph_properties:
        state.paragraphs[-1].joined = True
    elif state.in_row_properties and state.rows:
        state.rows[-1] = True
    else:
        return LEAVE_OUT
    return None


def _open_instruction(state: PartState, _: Attributes) -> None:
    state.in_instruction = bool(state.fields) and not state.fields[-1].result


def _field_character(state: PartState, attributes: Attributes) -> None:
    kind = _value(attributes, "fldCharType")
    if kind == "begin":
        state.fields.append(Field(state.writer.length))
    elif kind == "separate" and state.fields:
        state.fields[-1].result = True
    elif kind == "end":
        state.end_field()


def _open_simple_field(state: PartState, attributes: Attributes) -> None:
    state.fields.append(Field(state.writer.length, _value(attributes, "instr") or "", result=True))


def _symbol(state: PartState, attributes: Attributes) -> None:
    try:
        character = symbol_text(chr(int(_value(attributes, "char") or "", 16)))
    except (ValueError, OverflowError):
        character = ""
    state.put(character if character.isprintable() else "\ufffd")


def _open_table(state: PartState, _: Attributes) -> None:
    state.table_starts.append(state.writer.next_start())


def _open_row(state: PartState, _: Attributes) -> None:
    state.rows.append(False)
    state.cells.append(0)


def _close_row(state: PartState) -> None:
    state.rows.pop()
    state.cells.pop()


def _gallery(state: PartState, attributes: Attributes) -> None:
    if state.controls and _value(attributes) == "Table of Contents":
        state.controls[-1] = True


def _choice(state: PartState, _: Attributes) -> object:
    """The first form of a drawing is taken, its alternatives are the same text again."""
    if not state.alternatives:
        return None
    taken, state.alternatives[-1] = state.alternatives[-1], True
    return LEAVE_OUT if taken else None


def _open_note(state: PartState, attributes: Attributes) -> None:
    state.note = _value(attributes, "id") or ""


def _import(_state: PartState, _: Attributes) -> None:
    raise DocumentRefused(
        "This DOCX takes in another file (an altChunk or a sub-document) that only Word can merge; "
        "open it in Word, save it again and read that."
    )


def _reference(kind: str) -> Start:
    """A handler for the mark of a foot- or endnote: its number in brackets, so that it never looks
    like part of a number.
    """

    def handle(state: PartState, attributes: Attributes) -> None:
        if _value(attributes, "customMarkFollows") in (None, *_FALSE):
            state.notes.append((kind, _value(attributes, "id") or ""))
            state.run.mark = False
            state.put(f"[{len(state.notes)}]", on_line=True)
        else:
            state.run.mark = True

    return handle


_WORD_STARTS: Final[dict[str, Start]] = {
    "p": _open_paragraph,
    "pPr": _open_properties,
    "pStyle": _property("style", _value),
    "numId": _property("num_id", _value),
    "ilvl": _property("level", _number),
    "outlineLvl": _property("outline", _number),
    "r": _open_run,
    "rStyle": _run_style,
    "rFonts": _run_font,
    "vertAlign": _run_shift,
    "position": _run_position,
    "rt": _open_script(1),
    "hyperlink": lambda state, attributes: state.links.append(_value(attributes, "anchor") or ""),
    "bookmarkStart": _open_bookmark,
    "vanish": _open_hidden,
    "specVanish": _open_hidden,
    "del": _open_removed,
    "moveFrom": _open_removed,
    "t": _flag("collect", True),
    "instrText": _open_instruction,
    "fldChar": _field_character,
    "fldSimple": _open_simple_field,
    "sym": _symbol,
    "tbl": _open_table,
    "tr": _open_row,
    "trPr": _flag("in_row_properties", True),
    "tc": lambda state, _: state.start_cell(),
    "sdt": lambda state, _: state.controls.append(False),
    "docPartGallery": _gallery,
    "altChunk": _import,
    "subDoc": _import,
    **dict.fromkeys(_NOTES, _open_note),
    **dict.fromkeys(_SKIPPED, lambda _state, _: LEAVE_OUT),
    **{name: _character(text) for name, text in _CHARACTERS.items()},
    **{f"{kind}Reference": _reference(kind) for kind in _NOTES},
}
_WORD_ENDS: Final[dict[str, End]] = {
    "p": PartState.end_paragraph,
    "pPr": _flag("in_paragraph_properties", False),
    "t": _flag("collect", False),
    "instrText": _flag("in_instruction", False),
    "fldSimple": PartState.end_field,
    "tbl": PartState.end_table,
    "tr": _close_row,
    "trPr": _flag("in_row_properties", False),
    "tc": PartState.flush,
    "sdt": _pop("controls"),
    "hyperlink": _pop("links"),
    "rt": _pop("scripts"),
    **dict.fromkeys(_NOTES, _flag("note", None)),
}
_MATH_STARTS: Final[dict[str, Start]] = {
    "t": _WORD_STARTS["t"],
    "r": _open_run,
    "sup": _open_script(1),
    "sub": _open_script(-1),
    "den": _character("/"),
}
_MATH_ENDS: Final[dict[str, End]] = {
    "t": _WORD_ENDS["t"],
    "sup": _pop("scripts"),
    "sub": _pop("scripts"),
}
STARTS: Final[dict[str, Start]] = {
    **{ns + name: handler for ns in _WORD for name, handler in _WORD_STARTS.items()},
    **{ns + name: handler for ns in _MATH for name, handler in _MATH_STARTS.items()},
    f"{_COMPATIBILITY}AlternateContent": lambda state, _: state.alternatives.append(False),
    f"{_COMPATIBILITY}Choice": _choice,
    f"{_COMPATIBILITY}Fallback": _choice,
}
ENDS: Final[dict[str, End]] = {
    **{ns + name: handler for ns in _WORD for name, handler in _WORD_ENDS.items()},
    **{ns + name: handler for ns in _MATH for name, handler in _MATH_ENDS.items()},
    f"{_COMPATIBILITY}AlternateContent": _pop("alternatives"),
}
