"""YAML read strictly: plain data, the place of each value, and every hostile construct refused with its line."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.errors import FileError
from opqibi_rules.messages import Message
from opqibi_rules.paper import strict_yaml
from opqibi_rules.paper.files import MAX_BYTES
from opqibi_rules.paper.json_text import MAX_DEPTH
from opqibi_rules.paper.strict_yaml import Document, path_text, read


def parsed(text: str, name: str = "t.yaml") -> Document:
    return read(text.encode(), name)


def refused(text: str | bytes, name: str = "t.yaml") -> list[str]:
    with pytest.raises(FileError) as raised:
        read(text if isinstance(text, bytes) else text.encode(), name)
    return [line.removeprefix(f"{name}: ") for line in str(raised.value).splitlines()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# a comment\n", None),
        ("a: 1", {"a": "1"}),
        ("code: 0607", {"code": "0607"}),
        (
            "a: 1.50\nb: 1e3\nc: 0x10\nd: 2024-02-08\ne: yes",
            {"a": "1.50", "b": "1e3", "c": "0x10", "d": "2024-02-08", "e": "yes"},
        ),
        ("a: null\nb: ~\nc:\nd: Null", {"a": None, "b": None, "c": None, "d": None}),
        ("a: true\nb: false", {"a": True, "b": False}),
        ('a: "null"\nb: "true"\nc: ""', {"a": "null", "b": "true", "c": ""}),
        ("- 1\n- [2, {a: b}]", ["1", ["2", {"a": "b"}]]),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("1: a", {"1": "a"}),
        ("\ufeffa: é", {"a": "é"}),
        ("--- \na: 1\n...\n", {"a": "1"}),
        ('a: ! "x"', {"a": "x"}),
    ],
)
def test_every_scalar_stays_the_text_that_was_written(text: str, value: Any) -> None:
    assert parsed(text).value == value


def test_each_part_has_its_place() -> None:
    document = parsed("a: 1\nlist:\n  - x\n  - {deep: y}\n")
    assert document.places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("list",): (2, 1),
        ("list", 0): (3, 5),
        ("list", 1): (4, 5),
        ("list", 1, "deep"): (4, 6),
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [(("list", 1, "deep"), (4, 6)), (("list", 1, "absent"), (4, 5)), (("nowhere", 0), (1, 1)), ((), (1, 1))],
)
def test_a_mistake_stands_at_the_nearest_part_that_is_written(
    path: strict_yaml.Path, place: tuple[int, int]
) -> None:
    mistake = parsed("a: 1\nlist:\n  - x\n  - {deep: y}\n").mistake(path, Message("wrong."))
    assert (mistake.line, mistake.column) == place
    assert mistake.path == path_text(path)


def test_a_document_of_nothing_has_no_place() -> None:
    mistake = parsed("").mistake(("a",), Message("missing."))
    assert (mistake.line, mistake.column) == (None, None)


def test_a_path_reads_as_in_javascript() -> None:
    assert path_text(("turnovers", 0, "year")) == "$.turnovers[0].year"
    assert path_text(()) == "$"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("a: !!python/object/apply:os.system [ls]", [
            "line 1, column 4, $.a: a tag (tag:yaml.org,2002:python/object/apply:os.system); tags are refused.",
        ]),
        ("a: !!int 1", ["line 1, column 4, $.a: a tag (tag:yaml.org,2002:int); tags are refused."]),
        ("a: !own x", ["line 1, column 4, $.a: a tag (!own); tags are refused."]),
        ("x: 1\na: &one 1\nb: *one", [
            "line 2, column 4, $.a: an anchor (&one); write the values out.",
            "line 3, column 4, $.b: an alias (*one); write the value out.",
        ]),
        ("a: 1\nb: 2\na: 3", ["line 3, column 1, $.a: given twice; keep one."]),
        ("l:\n  - {c: 1, c: 2}", ["line 2, column 12, $.l[0].c: given twice; keep one."]),
        ("<<: {a: 1}", ["line 1, column 1, $: a merge key (<<); write the values out."]),
        ("? [a, b]\n: 1", ["line 1, column 3, $: a key that is not a word."]),
        ("null: 1", ["line 1, column 1, $: a key that is not a word."]),
        ("true: 1", ["line 1, column 1, $: a key that is not a word."]),
        ("a: 1\n---\nb: 2\n", ["line 2, column 1, $: a second document (---); one is expected."]),
        ("a: !x 1\nb: &y 2\nb: 3", [
            "line 1, column 4, $.a: a tag (!x); tags are refused.",
            "line 2, column 4, $.b: an anchor (&y); write the values out.",
            "line 3, column 1, $.b: given twice; keep one.",
        ]),
    ],
)  # fmt: skip
def test_what_has_no_place_in_a_table_is_refused(text: str, mistakes: list[str]) -> None:
    assert refused(text) == mistakes


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("a: [1, 2", "line 2, column 1: not valid YAML: "),
        ("a: 1\n\tb: 2", "line 2, column 1: not valid YAML: "),
        ("a: 1\n  b: 2", "line 2, column 4: not valid YAML: "),
        ("a: 'open", "line 1, column 9: not valid YAML: "),
        ("a: b: c", "line 1, column 5: not valid YAML: "),
        ("%YAML 9.9\n--- a", "line 1, column 1: not valid YAML: "),
        ("*", "line 1, column 2: not valid YAML: "),
        ("é: 1\na: \x00", "line 2: not a text file."),
        ("é: 1\na: \x07", "line 2: a character that YAML does not allow (U+0007)."),
        ("à: é\nà: \ufffe", "line 2: a character that YAML does not allow (U+FFFE)."),
    ],
)
def test_malformed_yaml_says_where(text: str, beginning: str) -> None:
    assert len(refused(text)) == 1
    assert refused(text)[0].startswith(beginning)


def test_what_was_refused_before_the_text_broke_is_said_too() -> None:
    assert [line.partition(":")[0] for line in refused("a: !x 1\nb: ]")] == [
        "line 1, column 4, $.a",
        "line 2, column 4",
    ]


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    before = time.process_time()
    mistakes = refused("\n".join(lines))
    assert time.process_time() - before < 1
    assert mistakes[0] == "line 1, column 5, $.a0: an anchor (&a0); write the values out."


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "? " * 5000, "[" * 40 + "]" * 40])
def test_deep_nesting_is_refused(text: str) -> None:
    assert refused(text)[-1] == f"line 1: nested over {MAX_DEPTH} levels; such a file is not read."


def test_the_depth_accepted_is_the_depth_said() -> None:
    assert parsed("[" * MAX_DEPTH + "]" * MAX_DEPTH).value is not None
    refused("[" * (MAX_DEPTH + 1) + "x" + "]" * (MAX_DEPTH + 1))


def test_a_huge_file_is_not_read() -> None:
    assert refused(b"#" * (MAX_BYTES + 1)) == [f"over {MAX_BYTES} bytes; such a file is not read."]
    assert read(b"#" * MAX_BYTES, "t.yaml").value is None


@pytest.mark.parametrize(
    ("data", "line"),
    [("a: é".encode("cp1252"), 1), ("a: 1\nb: œ\nc: 2".encode("cp1252"), 2), (b"\xff\xfea", 1)],
)
def test_what_is_not_utf_8_says_how_to_mend_it(data: bytes, line: int) -> None:
    assert refused(data) == [f"line {line}: not in UTF-8; save the file as UTF-8."]


class TestJson:
    @pytest.mark.parametrize(
        "value",
        [
            {"a": ["b", None, True, False], "é": {"c": ""}},
            {"path": "a/b", "tab": "a\tb", "emoji": "✓", "quote": '"'},
            [],
            {},
        ],
    )
    @pytest.mark.parametrize("indent", [None, 2, "\t"])
    def test_json_is_read_as_well(self, value: Any, indent: int | str | None) -> None:
        assert parsed(json.dumps(value, indent=indent, ensure_ascii=False), "t.json").value == value
        assert parsed(json.dumps(value, indent=indent), "t.json").value == value

    def test_a_number_stays_the_text_that_was_written(self) -> None:
        document = parsed('{"a":1.50, "b":-2, "c":1e3, "d":' + "9" * 5000 + "}", "t.json")
        assert document.value == {"a": "1.50", "b": "-2", "c": "1e3", "d": "9" * 5000}

    @pytest.mark.parametrize("value", ["👍", "\\ud83d\\udc4d", "👍\\👍", "a/b", "\u2028", "\x7f"])
    def test_every_escape_of_json_is_understood(self, value: str) -> None:
        escaped = json.dumps({"a": value}).replace("/", "\\/")
        assert parsed(escaped, "t.json").value == {"a": value}

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            ("{,}", "line 1, column 2: not JSON from there on."),
            ('{"a": 1,\n "b"}', "line 2, column 5: not JSON from there on."),
            ("[" * 100_000, f"line 1: nested over {MAX_DEPTH} levels; such a file is not read."),
            ('{"a": NaN}', "NaN is not a JSON value."),
            ('{"a": 1, "a": 2}', "line 1, column 10, $.a: given twice; keep one."),
        ],
    )
    def test_malformed_json_says_where(self, text: str, mistake: str) -> None:
        assert refused(text, "t.json") == [mistake]


TREES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefgh", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(TREES.filter(lambda tree: isinstance(tree, (list, dict))))
def test_any_json_is_read_back(tree: Any) -> None:
    assert parsed(json.dumps(tree), "t.json").value == tree


@given(
    st.binary(max_size=60) | st.text("{}[]:,-?&*!|>'\"#%@` \n\tab0\u0085\u2028é", max_size=40).map(str.encode)
)
def test_any_bytes_are_a_document_or_a_file_error(data: bytes) -> None:
    for name in ("t.yaml", "t.json"):
        with suppress(FileError):
            read(data, name)
