"""What outranks what, what second-best readings do, and that no text is too much.

The symptoms are a few of the tests' own (see ``pack``), so that the ranking is tested and not the lexicon.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.nlu import INTENTS
from companion.nlu.meaning import Context, Tier
from tests.nlu.pack import SIGNS, interpreter, plain_reader


def meant(text, *alternatives, **context):
    return interpreter().interpret(text, alternatives, Context(**context))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("yeah i'm ready but i can't feel my big toe", "leg_numbness"),
        ("stop i'm numb between my legs", "saddle_numbness"),
        ("why do i get numb between my legs", "saddle_numbness"),
        ("start sciatica relief i'm numb between my legs", "saddle_numbness"),
        ("pause a minute i've got cramp in my toes", "cramp"),
        ("cramp cramp in my calf", "cramp"),
        ("calf cramp", "cramp"),
        ("stop it's sore", "discomfort"),
        ("it's been like this for weeks", "persisting"),
    ],
)
def test_a_sign_outranks_what_is_said_beside_it(text, flag):
    meaning = meant(text)
    assert (meaning.intent, meaning.flag, meaning.tier) == ("report_symptom", flag, Tier(SIGNS[flag][0]))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("stop it's been like this for weeks", "stop"),
        ("start calf cramp", "start"),
        ("why do i get cramp in my calf", "question"),
        ("pause", "pause"),
        ("ice or heat for a sore back", "question"),
    ],
)
def test_what_is_no_sign_to_act_on_leaves_the_command(text, intent):
    assert meant(text).intent == intent


def test_a_sign_in_another_reading_of_a_score_is_asked_about():
    meaning = meant("about a seven", "seven and cramp", question="score")
    assert (meaning.intent, meaning.tier, meaning.ask) == ("report_symptom", Tier.CAUTION, True)


@pytest.mark.parametrize("best", ["no between my legs", "next", "stop", "yes", "hello there"])
def test_a_sign_in_any_other_reading_is_asked_about(best):
    meaning = meant(best, "some other reading", "numb between my legs")
    assert (meaning.intent, meaning.tier, meaning.ask) == ("report_symptom", Tier.EMERGENCY, True)
    assert meaning.text == best


def test_a_graver_sign_in_the_best_reading_stays_what_it_is():
    meaning = meant("numb between my legs", "cramp")
    assert (meaning.tier, meaning.ask) == (Tier.EMERGENCY, False)


@pytest.mark.parametrize(
    ("best", "intent"),
    [("stopp", "stop"), ("top", "stop"), ("next", "next"), ("top of the shop now", "chatter")],
)
def test_a_second_best_stop_counts_where_the_best_says_nothing(best, intent):
    assert meant(best, "stop").intent == intent


def test_yes_and_no_are_answers_only_where_they_are_asked_for():
    assert meant("no idea", question="yes_no").intent == "chatter"
    assert meant("no i'm fine", question="yes_no").intent == "no"
    assert meant("ooh that's a lovely stretch", question="yes_no").intent != "yes"
    assert meant("six", question="score").slots == {"score": 6}


def test_evidence_tells_which_words_meant_what():
    (evidence,) = meant("um could you pause for me").evidence
    assert (evidence.words, evidence.kind, evidence.meaning) == ("pause", "command", "pause")


@given(st.text())
def test_any_text_in_any_script_is_read(text):
    assert meant(text).intent in INTENTS


WORDS = st.sampled_from(sorted({*plain_reader().commands.vocabulary, *plain_reader().commands.fillers}))


@settings(deadline=None)
@given(st.lists(WORDS, max_size=80).map(" ".join))
def test_any_words_of_the_templates_are_read(text):
    assert meant(text).intent in INTENTS


@pytest.mark.parametrize(
    "text", ["a " * 5000, "i " * 5000, "please can you " * 900, "x" * 100_000, "stop " * 2000, "停" * 9000]
)
def test_no_text_takes_over_50_ms(text):
    meant(text)  # what is reached for the first time is prepared then
    start = time.process_time()
    meant(text)
    assert time.process_time() - start < 0.05
