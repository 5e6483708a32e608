"""The exercises and routines that come with the program: their facts, and that they can be listened to."""

import json
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from companion.content.build import fold
from companion.content.estimate import routine_minutes
from companion.content.library import check_file
from companion.content.places import bundled
from companion.content.schema import schema_file

FOLDER = bundled("routines")
FILES = sorted(chain(FOLDER.glob("*.yaml"), FOLDER.glob("exercises/*.yaml")))

TWISTING = {
    "a recent hip replacement",
    "recent spinal surgery",
    "fragile bones or a vertebral fracture",
    "a knee replacement",
}
HEAD_DOWN = {
    "glaucoma or recent eye surgery",
    "uncontrolled blood pressure",
    "vertigo",
    "a wrist or shoulder injury",
    "late pregnancy",
}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_file_passes_and_tells_editors_its_schema(file, library):
    assert check_file(file, library) == []
    first = file.read_text("utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / schema).resolve() == schema_file(
        "exercise" if "exercises" in file.parts else "routine"
    )


def test_nothing_is_wrong_and_everything_is_there(library):
    assert library.problems == ()
    assert set(library.routines) == {
        "sciatica-relief",
        "gentle-relief",
        "calf-cramp",
        "morning",
        "desk-break",
        "wind-down",
    }
    used = {item.exercise.id for routine in library.routines.values() for item in routine.items}
    assert used == set(library.exercises)


def test_no_two_things_go_by_one_name(library):
    taken = {}
    for thing in (*library.routines.values(), *library.exercises.values()):
        for name in {fold(name) for name in (thing.id, thing.name, *thing.also)}:
            assert taken.setdefault(name, thing.id) == thing.id, name


def test_sciatica_relief(library):
    items = library.routines["sciatica-relief"].items
    assert [item.exercise.id for item in items] == [
        "piriformis-stretch",
        "seated-glute-stretch",
        "downward-dog",
    ]
    assert {(item.seconds, item.rounds, item.changeover, item.gentle) for item in items} == {
        (30, 2, 10, False)
    }
    assert [len(item.sides) for item in items] == [2, 2, 1]


def test_gentle_relief(library):
    items = library.routines["gentle-relief"].items
    stretches = [item for item in items if item.exercise.action == "hold"]
    assert len(stretches) >= 3
    assert all((item.seconds, item.rounds, item.gentle) == (15, 2, True) for item in stretches)
    assert "downward-dog" not in {item.exercise.id for item in items}


def test_the_desk_break_stays_at_the_chair_and_short(library):
    routine = library.routines["desk-break"]
    assert routine_minutes(routine) == 3
    assert {item.exercise.position for item in routine.items} == {"chair"}


@pytest.mark.parametrize("exercise", ["piriformis-stretch", "seated-glute-stretch", "knee-rolls"])
def test_who_leaves_out_crossing_and_twisting(library, exercise):
    assert set(library.exercises[exercise].leave_out_if) == TWISTING | {"a fresh injury"}


def test_who_leaves_out_the_downward_dog(library):
    dog = library.exercises["downward-dog"]
    assert set(dog.leave_out_if) == HEAD_DOWN | {"a fresh injury"}
    assert not dog.sides
    assert 15 <= dog.gentler.seconds <= 20
    assert set(dog.stretches) == {"the back", "the hamstrings", "the calves", "the shoulders"}


@pytest.mark.parametrize(
    ("exercise", "facts"),
    [
        (
            "piriformis-stretch",
            ["Sit tall", "Bend the knee of one leg", "outside of the other knee", "slowly twist",
             "bent knee", "gentle stretch"],
        ),
        (
            "seated-glute-stretch",
            ["chair", "both feet on the floor", "outside ankle", "just above the other knee",
             "loosely crossed", "press down", "deep in the hip"],
        ),
        (
            "downward-dog",
            ["hands and knees", "under your shoulders", "slightly in front", "fingers",
             "knees under your hips", "hips up and back", "Straighten your legs, your back and your arms",
             "heels and your hands", "knees bend"],
        ),
    ],
)  # fmt: skip
def test_the_teaching_has_every_detail(library, exercise, facts):
    teaching = " ".join(library.exercises[exercise].teach)
    assert [fact for fact in facts if fact not in teaching] == []
    assert library.exercises[exercise].seconds == 30


def test_seated_glute_stretches_all_three(library):
    assert set(library.exercises["seated-glute-stretch"].stretches) == {
        "the gluteus maximus",
        "the gluteus minimus",
        "the gluteus medius",
    }


def test_slow_breathing_is_four_in_six_out(library):
    assert [(beat.say, beat.seconds) for beat in library.exercises["slow-breathing"].pace] == [
        ("Breathe in.", 4),
        ("Breathe out.", 6),
    ]


def test_every_exercise_is_gentler_sourced_and_left_out_with_a_fresh_injury(library):
    for exercise in library.exercises.values():
        assert exercise.sources and exercise.stretches, exercise.id
        assert "a fresh injury" in exercise.leave_out_if, exercise.id
        assert exercise.gentler.seconds < exercise.seconds, exercise.id
        assert exercise.gentler.teach != exercise.teach, exercise.id


def test_whole_beats_fill_a_paced_hold(library):
    for routine in library.routines.values():
        for item in routine.items:
            beat = sum(b.seconds for b in item.exercise.pace)
            if beat and not item.gentle:
                assert item.seconds % beat == 0 or item.seconds >= 2 * beat, (routine.id, item.exercise.id)


def spoken(exercise):
    return (
        exercise.name,
        *exercise.teach,
        exercise.brief,
        exercise.get_ready,
        *exercise.gentler.teach,
        exercise.gentler.brief,
        *(beat.say for beat in exercise.pace),
    )


def test_what_is_said_is_short_and_commands_nothing(library):
    for exercise in library.exercises.values():
        for text in spoken(exercise):
            assert len(text.split()) <= 18, f"{exercise.id}: {text}"
            commands = re.findall(r"\b(stop|pause|resume|next|previous|ready|repeat|skip)\b", text.lower())
            assert not commands, f"{exercise.id}: {text}"


def test_the_schemas_are_schemas_and_describe_every_key():
    def objects(node):
        if isinstance(node, dict):
            yield from node.get("properties", {}).items()
            for value in node.values():
                yield from objects(value)

    for kind in ("exercise", "routine", "voice"):
        schema = json.loads(schema_file(kind).read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert [key for key, value in objects(schema) if "description" not in value] == []


def test_content_knows_nothing_of_the_layers_above():
    script = "import sys\nfrom companion.content import describe, language, library\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "companion.content.library" in loaded
    above = {f"companion.{layer}" for layer in ("session", "nlu", "asr", "tts", "audio", "app", "cli")}
    assert above & set(loaded) == set()
    # What takes long to import is not imported until it is needed.
    assert {"jsonschema", "rapidfuzz", "numpy"} & set(loaded) == set()


def test_the_package_holds_its_own_data():
    import companion

    package = Path(companion.__file__).parent
    assert (package / "content" / "example.yaml").is_file()
    assert bundled("voices").is_dir()
