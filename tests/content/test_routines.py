"""What a routine becomes: whose word counts, sides, defaults."""

import pytest

from companion.content.describe import describe, describe_exercise
from companion.content.errors import ContentError
from companion.content.estimate import routine_minutes
from companion.content.example import EXAMPLE, write_example
from companion.content.library import check_file, load_file

HEAD = "name: A\nabout: B.\nsources: [me]\n"


def items(library, write, text):
    return load_file(write(HEAD + text), library).items


def test_step_counts_before_routine_before_exercise(library, write):
    settings = "hold: 20s\nrounds: 3\nchangeover: 5s\nrest: 7s\n"
    step = "  - exercise: calf-stretch\n    hold: 12s\n    rounds: 1\n    changeover: 0s\n    rest: 0s\n"
    own, of_routine = items(library, write, f"{settings}steps:\n{step}  - calf-stretch\n")
    assert (own.seconds, own.rounds, own.changeover, own.rest) == (12, 1, 0, 0)
    assert (of_routine.seconds, of_routine.rounds, of_routine.changeover, of_routine.rest) == (20, 3, 5, 7)
    (plain,) = items(library, write, "steps: [calf-stretch]\n")
    assert (plain.seconds, plain.rounds, plain.changeover, plain.rest) == (30, 1, 10, 0)


@pytest.mark.parametrize(
    ("written", "sides"),
    [
        ("both", ("right", "left")),
        ("right first", ("right", "left")),
        ("left first", ("left", "right")),
        ("left", ("left",)),
        ("right", ("right",)),
    ],
)
def test_sides(library, write, written, sides):
    (item,) = items(library, write, f"steps:\n  - exercise: Calf stretch\n    sides: {written}\n")
    assert item.sides == sides


def test_no_sides(library, write):
    (item,) = items(library, write, "steps: [Downward Dog]\n")
    assert item.exercise.id == "downward-dog"
    assert item.sides == (None,)


def test_the_gentler_version_has_its_own_hold_unless_something_is_said(library, write):
    gentler, longer = items(
        library,
        write,
        "steps:\n  - exercise: calf-stretch\n    version: gentler\n"
        "  - exercise: calf-stretch\n    version: gentler\n    hold: 20s\n",
    )
    assert (gentler.gentle, gentler.seconds) == (True, 15)
    assert (longer.gentle, longer.seconds) == (True, 20)


def test_the_example_passes_its_own_check_and_is_never_written_over(library, tmp_path):
    file = tmp_path / "new" / "mine.yaml"
    write_example(file)
    assert check_file(file, library) == []
    schema, rest = file.read_text("utf-8").split("\n", 1)
    assert schema.startswith("# yaml-language-server: $schema=file://")
    assert rest == EXAMPLE.read_text("utf-8").split("\n", 1)[1]
    file.write_text("mine", "utf-8")
    with pytest.raises(ContentError, match=r"it is there already\. Choose another name"):
        write_example(file)
    assert file.read_text("utf-8") == "mine"
    with pytest.raises(ContentError, match="it cannot be written"):
        write_example(file / "below-a-file.yaml")


def test_a_description_leaves_nothing_out(library):
    routine = library.find_routine("sciatica-relief")
    text = " ".join(describe(routine).split())
    assert "Piriformis stretch: 2 × 30s, right then left" in text
    assert "Downward dog: 2 × 30s" in text
    for exercise in (item.exercise for item in routine.items):
        for fact in (*exercise.teach, *exercise.stretches, *exercise.leave_out_if, *exercise.sources):
            assert fact in text
    assert describe_exercise(routine.items[0].exercise) in describe(routine)
    assert str(routine.file) in text


def test_an_estimate_covers_at_least_holds_and_changeovers(library):
    for routine in library.routines.values():
        sure = sum(i.rounds * len(i.sides) * (i.seconds + i.changeover) + i.rest for i in routine.items)
        assert sure / 60 - 0.5 <= routine_minutes(routine) <= 2 * sure / 60 + 1
