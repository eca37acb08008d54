"""JSON as people save it: mended where a person would, refused where nothing says what was meant."""

import codecs
import contextlib
import time
from typing import Any

import pytest

from opqibi_rules.errors import FileError
from opqibi_rules.paper.files import MAX_BYTES
from opqibi_rules.paper.json_text import mended_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "b",}', {"a": "b"}),
        ("[1, 2, // deux\n]", ["1", "2"]),
        ('// avant\n{"a": "http://b"} // après', {"a": "http://b"}),
        ('{"a": "\\" // pas un commentaire", // si\n"b": []}', {"a": '" // pas un commentaire', "b": []}),
        ('{"a": ["x"]\n"b": {}\n"c": 1}', {"a": ["x"], "b": {}, "c": "1"}),
        ('[{"a": 1} {"a": 2}]', [{"a": "1"}, {"a": "2"}]),
        ('{"a": "}\n{", }', None),  # a line break inside a string is no JSON
        ('["\\\\", ]', ["\\"]),
        ('["", ]', [""]),
    ],
)
def test_as_documentation_prints_it(text: str, value: Any) -> None:
    if value is None:
        with pytest.raises(FileError, match="JSON"):
            mended_json(text.encode(), "x")
    else:
        assert mended_json(text.encode(), "x") == (value, True)


def test_strict_json_is_left_alone() -> None:
    assert mended_json(b'{"a": "//,]"}', "x") == ({"a": "//,]"}, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_or_without_its_mark(encoding: str) -> None:
    assert mended_json('{"é": "œ"}'.encode(encoding), "x").value == {"é": "œ"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('{"é": 1}'.encode("latin-1"), "line 1: not in UTF-8"),
        (b'{\n"a": 1,\n"a": 2}', "« a » is given twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[" * 31 + b"]" * 31, "nested over 30"),
        (b'{"a":' * 100_000, "nested over 30"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"a": 1', "line 1"),
        (b'{"a" 1}', "line 1, column 6: not JSON"),
        (b"", "empty; JSON is expected"),
        (codecs.BOM_UTF16_LE + b"{", "not in UTF-8"),
        (b" " * (MAX_BYTES + 1), "over 5000000 bytes"),
    ],
)
def test_what_is_refused_says_why_and_where(data: bytes, expected: str) -> None:
    with pytest.raises(FileError) as raised:
        mended_json(data, "réponse.json")
    assert expected in raised.value.explain()
    assert "réponse.json" in raised.value.explain()


def test_thirty_levels_are_read() -> None:
    assert mended_json(b"[" * 30 + b"]" * 30, "x").repaired is False


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert mended_json(b'["\\ud83d\\ude00"]', "x").value == ["😀"]


@pytest.mark.parametrize(
    "data",
    [b'\\"' * 2_000_000, b'"' + b'\\"' * 2_000_000, b"/" * 4_000_000, b"[" + b"," * 4_000_000, b", " * 2_000_000,
     b"]" + b" " * 4_000_000, b"]   " * 1_000_000 + b'"', b'"a" ' * 1_000_000, b"[" + b"9" * 4_000_000 + b"]"],
    ids=range(9),
)  # fmt: skip
def test_no_text_takes_long(data: bytes) -> None:
    start = time.perf_counter()
    with contextlib.suppress(FileError):
        mended_json(data, "x")
    assert time.perf_counter() - start < 10  # seconds; each takes about one


PAGE = b"""---
title: A page of documentation
sample: >-
    {
      // A comment.
      "url": "http://example.org/{1}",
      "list": [
        "a",
      ]
    }
description: not a part of it { }
"""


def test_a_sample_is_read_in_the_page_that_prints_it() -> None:
    assert mended_json(PAGE, "page") == ({"url": "http://example.org/{1}", "list": ["a"]}, True)


@pytest.mark.parametrize("text", [b"words { } only", b"    {\n never closed", b"", b"{\n]\n"])
def test_a_page_without_a_sample_is_no_json(text: bytes) -> None:
    with pytest.raises(FileError, match="JSON"):
        mended_json(text, "page")
