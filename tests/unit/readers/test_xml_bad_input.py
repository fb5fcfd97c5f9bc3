"""Bad XML: a clear refusal, quickly and in little memory; never a crash, a hang or an expanded
entity.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.readers.xml.parse import MAX_TAGS
from adapters.readers.xml.reader import XmlReader
from domain.errors import DocumentRefused, PlanRefused
from domain.plan.cut_plan import TargetDocument, build_plan
from domain.reading.marks import Granularity
from tests.unit.readers.test_xml import FORMEX, LAW, akn, uslm

BOMB = (
    "<!DOCTYPE b [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY a{i} '{('&a' + str(i - 1) + ';') * 10}'>" for i in range(1, 12))
    + "]>"
)

BAD = {
    "bomb": (BOMB + "<akomaNtoso>&a11;</akomaNtoso>", "declares entities"),
    "external": (
        "<!DOCTYPE b [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><akomaNtoso>&x;</akomaNtoso>",
        "declares entities",
    ),
    "parameter": (
        "<!DOCTYPE b [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/x'> %x;]><akomaNtoso/>",
        "declares entities",
    ),
    "undefined": ("<akomaNtoso>&nbsp;</akomaNtoso>", "not well formed"),
    "from a dtd": (
        "<!DOCTYPE b SYSTEM 'http://127.0.0.1:9/x.dtd'><akomaNtoso><act>&sect;</act></akomaNtoso>",
        "entity &sect;",
    ),
    "depth": (
        "<akomaNtoso>" + "<part>" * 10_000 + "x" + "</part>" * 10_000 + "</akomaNtoso>",
        "deeper than",
    ),
    "truncated": (akn(LAW).decode()[:-30], "not well formed at line"),
    "noise": ("\x00\x01\x02ÿ<\x7f" * 500, "not well formed"),
    "empty root": ("<?xml version='1.0'?>", "not well formed"),
    "encoding": (
        "<?xml version='1.0' encoding='utf-7'?><akomaNtoso/>",
        "encoding 'utf-7', which is not read",
    ),
    "sign": ("<akomaNtoso>\ufdd0</akomaNtoso>", "U.FDD0"),
    "sign by number": ("<akomaNtoso>&#xFDD0;</akomaNtoso>", "U.FDD0"),
    "two roots": ("<akomaNtoso/><akomaNtoso/>", "not well formed"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_xml_is_refused_with_the_reason(name: str) -> None:
    text, says = BAD[name]
    begin = time.thread_time()
    with pytest.raises(DocumentRefused, match=says):
        XmlReader().read(text.encode(), granularity=Granularity.SUB, profile=None)
    assert time.thread_time() - begin < 5


def test_a_byte_that_the_encoding_does_not_have_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="not well formed"):
        XmlReader().read(
            akn("<p>\udcff</p>".encode("utf-8", "surrogateescape").decode("latin-1")).replace(
                b"\xc3\xbf", b"\xff"
            ),
            granularity=Granularity.SUB,
            profile=None,
        )
    broken = b"\xff\xfe<\x00a"
    with pytest.raises(DocumentRefused, match="not in the encoding utf-16"):
        XmlReader().read(broken, granularity=Granularity.SUB, profile=None)


HEAVY = {
    "tags": f"b'<akomaNtoso>' + b'<a/>' * {MAX_TAGS} + b'</akomaNtoso>'",
    "size": "b'<akomaNtoso>' + b'x' * (65 * 1024 * 1024) + b'</akomaNtoso>'",
    "one text": "b'<akomaNtoso>' + b'x' * (40 * 1024 * 1024) + b'</akomaNtoso>'",
    "attributes": "b'<akomaNtoso ' + b' '.join(b'a%d=\"1\"' % i for i in range(300_000)) + b'/>'",
}


@pytest.mark.one_quick
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("name", HEAVY)
def test_what_is_too_heavy_is_refused_within_five_seconds_and_300_mib(name: str) -> None:
    code = (
        "import re, resource\nfrom adapters.readers.xml.reader import XmlReader\nfrom "
        "domain.errors import DocumentRefused\n"
        f"from domain.reading.marks import Granularity\ndata = {HEAVY[name]}\ntry:\n"
        " XmlReader().read(data, granularity=Granularity.BASIC, profile=None)\n"
        "except DocumentRefused as error:\n print(error)\n"
        # Not ru_maxrss: a child begins with its parent's.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(peak, resource.getrusage(resource.RUSAGE_SELF).ru_utime)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    *said, used = done.stdout.strip().splitlines()
    kib, seconds = used.split()
    assert said or name == "attributes", "it was not refused"
    assert int(kib) < 300 * 1024
    assert float(seconds) < 5


SEEDS = [
    akn(LAW),
    FORMEX.encode(),
    uslm("<section><num>1.</num><content>a <b>b</b>c</content></section>"),
]
PIECES = [
    *(
        b"<",
        b">",
        b"/",
        b"&amp;",
        b"<article>",
        b"</article>",
        b"<num>1.</num>",
        b"<num/>",
        b"<quotedStructure>",
        b"<!--",
        b"]]>",
    ),
    *(
        b"<meta>",
        b"</meta>",
        b"<toc>",
        b"<NP>",
        b"<TITLE>",
        b"</TITLE>",
        b"<attachment>",
        b"\x00",
        b"\xff",
        b"&#1;",
        b" ",
    ),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A law with some pieces put in, taken out or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 40)))
        middle = draw(st.sampled_from([*PIECES, data[at:end] * 2]))
        data = data[:at] + middle + data[end:]
    return data


TREES = st.recursive(
    st.sampled_from(
        [
            "<p>x</p>",
            "y",
            "<num>1.</num>",
            "<heading>H</heading>",
            "<num/>",
            " ",
            "<i>z</i>",
            "<toc>t</toc>",
            "<br/>",
        ]
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                *(
                    "article",
                    "section",
                    "paragraph",
                    "point",
                    "chapter",
                    "part",
                    "quotedStructure",
                    "attachment",
                    "mainBody",
                    "body",
                ),
                *(
                    "meta",
                    "preamble",
                    "recital",
                    "num",
                    "heading",
                    "authorialNote",
                    "longTitle",
                    "content",
                    "hcontainer",
                    "td",
                ),
            ]
        ),
        st.lists(inner, max_size=4),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=25,
)


def check(data: bytes) -> None:
    begin = time.thread_time()  # a busy machine is no fault of the reader
    read_and_plan(data)
    assert time.thread_time() - begin < 2


def read_and_plan(data: bytes) -> None:
    for granularity in Granularity:
        try:
            read = XmlReader().read(data, granularity=granularity, profile=None)
        except DocumentRefused:
            return
        spans = [(mark.start, mark.end) for mark in read.marks]
        assert spans == sorted(spans)
        try:
            build_plan(read, TargetDocument("xx.1"), source_name="x", granularity=granularity)
        except PlanRefused as refused:
            assert "has no units" in str(refused)  # noqa: PT017  (another refusal would be a defect of the reader)


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_mutated_laws_are_read_without_loss_or_refused(data: bytes) -> None:
    check(data)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, max_size=5))
def test_any_arrangement_of_elements_is_read_without_loss(trees: list[str]) -> None:
    check(akn("".join(trees)))


@pytest.mark.slow
def test_reading_is_linear_in_size() -> None:
    def seconds(times: int) -> float:
        data = akn(LAW * times)
        best = 9e9
        for _ in range(3):
            begin = time.process_time()
            XmlReader().read(data, granularity=Granularity.SUB, profile=None)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(2000) < 25 * seconds(200)
