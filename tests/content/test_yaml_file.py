import os

import pytest

from companion.content.errors import ContentError
from companion.content.yaml_file import MOST_BYTES, read_yaml


def test_nothing_but_what_people_expect_is_read_into_a_word(write):
    file = write("a: no\nb: on\nc: 1:30\nd: 2024-01-01\ne: 012\nf: 30s\ng: NO\nno: y\n'1': 1e3\nh: 0x1F\n")
    assert read_yaml(file).data == {
        "a": "no",
        "b": "on",
        "c": "1:30",
        "d": "2024-01-01",
        "e": "012",
        "f": "30s",
        "g": "NO",
        "no": "y",
        "1": "1e3",
        "h": "0x1F",
    }


def test_numbers_truth_and_nothing(write):
    file = write("a: 3\nb: -2\nc: 0.5\nd: true\ne: False\nf:\ng: ~\nh: '3'\ni: \"true\"\nj: |\n  3\n")
    assert list(read_yaml(file).data.values()) == [3, -2, 0.5, True, False, None, None, "3", "true", "3\n"]


def test_every_place_knows_its_line(write):
    document = read_yaml(write("# note\na: 1\nb:\n  - x\n  - c: 2\n    d: 3\n"))
    assert document.marks[("a",)] == (2, 1)
    assert document.marks[("b", 1)] == (5, 5)
    assert document.marks[("b", 1, "d")] == (6, 5)
    assert document.error(("b", 1, "d", "deeper"), "x").line == 6


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write):
    assert read_yaml(write(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")).data == {"a": 1, "b": 2}


BAD = {
    "empty": ("", 1, "it is empty", "companion routines new"),
    "only notes": ("# a note\n", 1, "it is empty", "companion routines new"),
    "tab": ("a:\n\tb: 1\n", 2, "indented with a tab", "spaces"),
    "tab in a list": ("a:\n  - x\n\t- y\n", 3, "indented with a tab", "spaces"),
    "indentation": ("a: 1\n  b: 2\n", 2, "a colon stands where none can be", "quotes"),
    "dedented": ("a:\n    b: 1\n  c: 2\n", 3, "the indentation does not fit", "same spaces"),
    "second colon": ("a: 1\nb: Note: this\n", 2, "a colon stands where none can be", "quotes"),
    "no colon": ("a: 1\nb\nc: 2\n", 3, "a colon is missing", "key: value"),
    "open quote": ("a: 1\nb: 'open\nc: 2\n", 2, "never closed", "Close it"),
    "open bracket": ("a: 1\nb: [1, 2\nc: 2\n", 2, "never closed", "Close it"),
    "open brace": ("a: {b: 1\n", 1, "never closed", "Close it"),
    "at sign": ("a: @home\n", 1, "this sign cannot start a text", "quotes"),
    "star": ("a: * star\n", 1, "“*” refers to another place", "quotes"),
    "alias": ("a: &x [1]\nb: *x\n", 2, "“*x” refers to another place", "again"),
    "merge": ("a: &x {c: 1}\nb:\n  <<: *x\n", 3, "“*x” refers to another place", "again"),
    "tag": ("a: 1\nb: !!python/object/apply:os.getcwd []\n", 2, "is not understood", "Remove the “!”"),
    "duplicate": ("a: 1\nb: 2\na: 3\n", 3, "“a” is here a second time", "line 1"),
    "list as key": ("? [a]\n: 1\n", 1, "a key has to be a word", "word: value"),
    "braces as value": ("a: {side}\n{x}: 1\n", 2, "a key has to be a word", "quotes"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "a second document", "---"),
    "control character": ("a: 1\nb: \x07\n", 2, "a character that no text has", "again"),
    "latin-1": ("a: 1\nb: caf\xe9\n".encode("latin-1"), 2, "not in UTF-8", "UTF-8"),
    "utf-16": ("a: 1\n".encode("utf-16"), 1, "not in UTF-8", "UTF-8"),
    "deep": ("[" * 100 + "]" * 100, 1, "too many lists within lists", "brackets"),
    "bottomless": ("[" * 100_000, 1, "", ""),
    "huge": (b"a: 1\n" * (MOST_BYTES // 4), 0, "larger than a megabyte", "name"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_yaml_says_where_and_what_to_do(write, name):
    text, line, what, remedy = BAD[name]
    file = write(text)
    with pytest.raises(ContentError) as caught:
        read_yaml(file)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == (file, line)
    assert what in problem.what
    assert problem.remedy and remedy in problem.remedy
    assert str(problem).startswith(f"{file}:{line}: " if line else f"{file}: ")


def test_an_alias_bomb_is_refused_before_it_unpacks(write):
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    with pytest.raises(ContentError, match="refers to another place"):
        read_yaml(write("\n".join(lines)))


def test_every_duplicate_is_named(write):
    with pytest.raises(ContentError) as caught:
        read_yaml(write("a: 1\na: 2\nb: {c: 1, c: 2}\n"))
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert len(str(caught.value).splitlines()) == 2


def test_a_folder_and_a_missing_file(tmp_path):
    with pytest.raises(ContentError, match=r"this is a folder\. Name a YAML file"):
        read_yaml(tmp_path)
    with pytest.raises(ContentError, match=r"no such file\. Check"):
        read_yaml(tmp_path / "missing.yaml")
    with pytest.raises(ContentError, match="cannot be read"):
        read_yaml(tmp_path / "nul\0.yaml")
    with pytest.raises(ContentError, match="cannot be read"):
        read_yaml(tmp_path / ("long" * 100))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_file_to_wait_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ContentError, match="no ordinary file"):
        read_yaml(tmp_path / "pipe.yaml")
