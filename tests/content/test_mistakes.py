"""Every kind of mistake in a routine or an exercise names its file, its line and a remedy."""

import pytest

from companion.content.errors import BrokenFileError, ContentError, UnknownRoutine
from companion.content.library import check_file, load_file, load_library

ROUTINE = """\
name: Mine
about: A test.
hold: 30s
steps:
  - calf-stretch
  - exercise: downward-dog
    hold: 20s
sources:
  - me
"""

EXERCISE = """\
name: Wave
position: chair
stretches: [the arm]
teach:
  - Wave one arm.
brief: Wave.
get_ready: Lift your {side} arm.
hold: 30s
sides: yes
gentler:
  teach: [Wave a little.]
  brief: Wave a little.
  hold: 10s
leave_out_if: []
pace:
  - say: Up.
    for: 2s
sources: [me]
"""

ROUTINE_MISTAKES = [
    # what is replaced, by what, the line, what is wrong, the remedy
    ("about:", "abuot:", 2, "“abuot” is not known here", "Did you mean about?"),
    ("about: A test.\n", "", 1, "“about” is missing", "Add “about:”. A sentence"),
    ("hold: 30s", "hold: 30", 3, "“hold” is the bare number 30", "Write 30s."),
    ("hold: 30s", "hold: 90", 3, "“hold” is the bare number 90", "Write 1m30s."),
    ("hold: 30s", "hold: 1:30", 3, "“hold” cannot be “1:30”", "Write 1m30s."),
    ("hold: 30s", "hold: 30 seconds", 3, "“hold” cannot be “30 seconds”", "Write 30s."),
    ("hold: 30s", "hold: a while", 3, "“hold” cannot be “a while”", "seconds as `30s`"),
    ("hold: 30s", "hold: [30s]", 3, "“hold” is a list", "seconds as `30s`"),
    ("hold: 30s", "hold:", 3, "“hold” is empty", "seconds as `30s`"),
    ("hold: 30s", "hold: 0s", 3, "“hold” is shorter than a second", "1s at least"),
    ("hold: 30s", "hold: 30m", 3, "“hold” is longer than 20 minutes", "20m at most"),
    ("hold: 30s", "changeover: 10", 3, "“changeover” is the bare number 10", "Write 10s."),
    ("hold: 30s", "rounds: two", 3, "“rounds” is “two”", "a whole number from 1 to 20"),
    ("hold: 30s", "rounds: 0", 3, "“rounds” cannot be the bare number 0", "from 1 to 20"),
    ("hold: 30s", "rounds: 21", 3, "“rounds” cannot be the bare number 21", "from 1 to 20"),
    ("calf-stretch", "calf-strech", 5, "there is no exercise “calf-strech”", "Did you mean calf-stretch"),
    ("calf-stretch", "qqqq", 5, "there is no exercise “qqqq”", "companion routines"),
    ("calf-stretch", "3", 5, "entry 1 of “steps” is the bare number 3", "name of an exercise"),
    ("exercise: down", "exercse: down", 6, "“exercse” is not known here", "Did you mean exercise?"),
    ("exercise: downward-dog", "rounds: 2", 6, "“exercise” is missing", "Add “exercise:”"),
    ("exercise: downward-dog", "exercise: downward-cat", 6, "there is no exercise", "downward-dog"),
    ("hold: 20s", "sides: left", 7, "“downward-dog” has no sides", "Remove this line"),
    ("hold: 20s", "sides: left frist", 7, "“sides” cannot be “left frist”", "Did you mean left first?"),
    ("hold: 20s", "version: gentle", 7, "“version” cannot be “gentle”", "Did you mean gentler?"),
    ("hold: 20s", "hold: 20", 7, "“hold” is the bare number 20", "Write 20s."),
    ("name: Mine", "name: 7", 1, "“name” is the bare number 7", "The name as it is spoken"),
    ("name: Mine", "name: yes", 1, None, None),  # an odd name, but one
    ("name: Mine", "name: true", 1, "“name” is “true”", "The name as it is spoken"),
    ("name: Mine", "name: ''", 1, "“name” is empty", "The name as it is spoken"),
    ("name: Mine", f"name: {'x' * 61}", 1, "“name” has 61 letters", "At most 60"),
    ("  - me", "  - me\n  - me", 8, "“sources” has an entry twice", "Keep one"),
    ("  - me\n", "  []\n", 8, "“sources” is empty", "title and organisation"),
    ("steps:", "step:", 4, "“step” is not known here", "Did you mean steps?"),
]

EXERCISE_MISTAKES = [
    ("sides: yes", "sides: left", 9, "“sides” cannot be “left”", "`yes` where each side has its turn"),
    ("sides: yes", "sides: no", 7, "nothing is known to fill {side} here", "Only “get_ready”"),
    ("{side}", "one", 7, "“get_ready” does not name the side", "Put {side}"),
    ("{side}", "{sides}", 7, "nothing is known to fill {sides} here", "{side} and {other}"),
    ("{side}", "{side", 7, "a brace is opened and never closed", "close it"),
    ("Wave one arm", "Wave the {side} arm", 5, "nothing is known to fill {side} here", "Only “get_ready”"),
    ("say: Up.", "say: Up {n}.", 16, "nothing is known to fill {n} here", "Only “get_ready”"),
    ("for: 2s", "for: 0s", 17, "a beat has to last a while", "1s at least"),
    ("for: 2s", "fro: 2s", 17, "“fro” is not known here", "Did you mean for?"),
    ("position: chair", "position: chiar", 2, "“position” cannot be “chiar”", "Did you mean chair?"),
    (
        "teach:\n  - Wave one arm.",
        "teach: Wave one arm.",
        4,
        "“teach” is “Wave one arm.”",
        "A list of sentences",
    ),
    ("  hold: 10s\n", "", 10, "“hold” is missing", "Add “hold:”"),
    ("  hold: 10s", "  hold: 10", 13, "“hold” is the bare number 10", "Write 10s."),
    ("leave_out_if: []\n", "", 1, "“leave_out_if” is missing", "`[]` where nobody needs to"),
    ("leave_out_if: []", "leave_out_if: no", 14, "“leave_out_if” is “no”", "A list of who"),
    ("Wave one arm.", "W" * 201, 5, "entry 1 of “teach” has 201 letters", "shorten it"),
]


@pytest.mark.parametrize(("old", "new", "line", "what", "remedy"), ROUTINE_MISTAKES)
def test_a_mistake_in_a_routine(library, write, old, new, line, what, remedy):
    assert_found(write(ROUTINE.replace(old, new, 1)), library, line, what, remedy)


@pytest.mark.parametrize(("old", "new", "line", "what", "remedy"), EXERCISE_MISTAKES)
def test_a_mistake_in_an_exercise(library, write, old, new, line, what, remedy):
    assert_found(write(EXERCISE.replace(old, new, 1)), library, line, what, remedy)


@pytest.mark.parametrize(("old", "new", "line", "what", "remedy"), EXERCISE_MISTAKES)
def test_the_same_mistake_in_an_exercise_within_a_routine(library, write, old, new, line, what, remedy):
    inline = EXERCISE.replace(old, new, 1).replace("\n", "\n    ").rstrip()
    file = write(ROUTINE.replace("calf-stretch", "wave") + "exercises:\n  wave:\n    " + inline + "\n")
    above = ROUTINE.count("\n") + (2 if line > 1 else 1)  # what is missing is missed at the exercise's name
    assert_found(file, library, line + above, what, remedy)


def assert_found(file, library, line, what, remedy):
    problems = check_file(file, library)
    if what is None:
        assert problems == []
        return
    assert all(problem.file == file and problem.remedy for problem in problems)
    assert any(p.line == line and what in p.what and remedy in p.remedy for p in problems), problems


def test_the_patterns_themselves_are_right(library, write):
    assert check_file(write(ROUTINE), library) == []
    assert check_file(write(EXERCISE), library) == []


def test_all_mistakes_of_a_file_are_reported_in_their_order(library, write):
    file = write(ROUTINE.replace("about:", "abuot:").replace("30s", "30").replace("20s", "20"))
    problems = check_file(file, library)
    assert [problem.line for problem in problems] == [1, 2, 3, 7]
    with pytest.raises(BrokenFileError) as caught:
        load_file(file, library)
    assert str(caught.value).splitlines() == [str(problem) for problem in problems]
    assert f"{file}:3: “hold” is the bare number 30. Write 30s." in str(caught.value)


@pytest.mark.parametrize("text", ["just text\n", "- a\n- list\n", "3\n", "~\n"])
def test_a_file_that_is_no_group_of_keys(library, write, text):
    (problem,) = check_file(write(text), library)
    assert problem.what.startswith("the file is ")
    assert "One routine" in problem.remedy


def test_a_bad_id_of_an_inline_exercise(library, write):
    inline = EXERCISE.replace("\n", "\n    ").rstrip()
    file = write(ROUTINE + "exercises:\n  My Wave:\n    " + inline + "\n")
    (problem,) = check_file(file, library)
    assert problem.line == 11
    assert "Small letters" in problem.remedy


def test_a_broken_file_keeps_nothing_else_from_loading(write, tmp_path):
    write(EXERCISE, "exercises/wave.yaml")
    write(EXERCISE.replace("hold: 30s", "hold: 30"), "exercises/nod.yaml")
    write(ROUTINE.replace("calf-stretch", "wave").replace("downward-dog", "Wave"), "good.yaml")
    write(ROUTINE.replace("calf-stretch", "nod").replace("downward-dog", "wave"), "on-the-broken.yaml")
    write(b"\xff\xfe", "noise.yaml")
    (tmp_path / "folder.yaml").mkdir()
    library = load_library([tmp_path])
    assert set(library.exercises) == {"wave"}
    assert set(library.routines) == {"good"}
    found = {problem.file.name: problem for problem in library.problems}
    assert set(found) == {"nod.yaml", "on-the-broken.yaml", "noise.yaml", "folder.yaml"}
    assert found["on-the-broken.yaml"].what == "the exercise “nod” is broken itself"


def test_the_users_own_files_come_first(write, tmp_path):
    write(EXERCISE, "own/exercises/wave.yaml")
    write(EXERCISE.replace("Wave", "Salute"), "bundled/exercises/wave.yaml")
    write(EXERCISE, "own/exercises/nod.yaml".replace("nod", "bow"))
    write("broken: [", "own/exercises/nod.yaml")
    write(EXERCISE.replace("Wave", "Nod"), "bundled/exercises/nod.yaml")
    library = load_library([tmp_path / "own", tmp_path / "bundled", tmp_path / "not-there"])
    assert {id_: exercise.name for id_, exercise in library.exercises.items()} == {
        "bow": "Wave",
        "wave": "Wave",
        "nod": "Nod",
    }
    assert [problem.file.name for problem in library.problems] == ["nod.yaml"]


def test_two_files_of_one_id(write, tmp_path):
    write(EXERCISE, "exercises/my-wave.yaml")
    write(EXERCISE, "exercises/My Wave.yml")
    library = load_library([tmp_path])
    assert list(library.exercises) == ["my-wave"]
    assert [problem.remedy for problem in library.problems] == ["Rename one of the two."]


def test_an_unknown_routine_names_the_nearest(library):
    with pytest.raises(UnknownRoutine) as caught:
        library.find_routine("sciatca-relif")
    assert caught.value.nearest[0] == "sciatica-relief"
    assert str(caught.value).startswith("There is no routine “sciatca-relif”. Did you mean sciatica-relief")
    with pytest.raises(UnknownRoutine, match="lists them all"):
        library.find_routine("xqzw")


@pytest.mark.parametrize(
    "name", ["sciatica-relief", "Sciatica Relief", "sciatica_relief", "SCIATICA", " sciatica "]
)
def test_a_routine_is_found_in_any_spelling(library, name):
    assert library.find_routine(name).id == "sciatica-relief"


def test_a_routine_from_a_file_joins_the_library(library, write):
    routine = load_file(write(ROUTINE, "My File.yaml"), library)
    assert routine.id == "my-file"
    joined = library.including(routine)
    assert joined.find_routine("mine") == routine
    assert "my-file" not in library.routines


def test_problems_are_all_content_errors(tmp_path, library):
    with pytest.raises(ContentError, match="no such file"):
        load_file(tmp_path / "none.yaml", library)
