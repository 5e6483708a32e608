"""Whatever is done to a file, the answer is a list of problems, never an exception of another kind."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.content.errors import ContentError
from companion.content.example import EXAMPLE
from companion.content.library import check_file, load_file
from companion.content.yaml_file import read_yaml

LINES = EXAMPLE.read_text("utf-8").splitlines()
DATA = read_yaml(EXAMPLE).data

scraps = st.sampled_from(
    [*"\t{}[]&*!|>'\"%@`#:,-?", "\n", "  ", "---", "<<: *x", "{side}", "30", "no", "\x00", "é"]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just("30s"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("mutations") / "mutant.yaml"


def assert_only_content_errors(file, library):
    problems = check_file(file, library)
    assert all(problem.file == file and str(problem) for problem in problems)
    try:
        load_file(file, library)
    except ContentError as error:
        assert [str(p) for p in error.problems] == [str(p) for p in problems] or not problems
    else:
        assert problems == []


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_mutated_text(data, file, library):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        i = data.draw(st.integers(0, len(lines) - 1))
        line = lines[i]
        at = data.draw(st.integers(0, len(line)))
        match data.draw(st.sampled_from(["insert", "cut", "remove", "repeat", "indent"])):
            case "insert":
                lines[i] = line[:at] + data.draw(scraps) + line[at:]
            case "cut":
                lines[i] = line[:at]
            case "remove":
                lines[i] = ""
            case "repeat":
                lines.insert(i, line)
            case "indent":
                lines[i] = " " + line
    file.write_bytes("\n".join(lines).encode())
    assert_only_content_errors(file, library)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_mutated_data(data, file, library):
    mutant = json.loads(json.dumps(DATA))
    node = mutant
    while True:  # walk to a random place and put something else there
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(node[key], dict | list) and node[key]
        if not deeper or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(values)
    file.write_text(json.dumps(mutant), "utf-8")  # JSON is YAML
    assert_only_content_errors(file, library)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_noise(content, file, library):
    file.write_bytes(content)
    assert_only_content_errors(file, library)
