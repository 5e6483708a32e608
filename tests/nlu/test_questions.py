"""Questions about the subject: what they ask for, and what is answered."""

import copy
import re

import pytest

from companion.nlu.answers import MORE, Answers
from tests.nlu.pack import WORDINGS, data, plain_reader, read

TOPICS = [key for key in WORDINGS if key.startswith("question/")]

# Questions that two topics answer; either is right.
SHARED = {
    "is sciatica a nerve thing": {"sciatica", "pinched_nerve"},
    "what makes back muscles cramp up": {"spasm_cause", "calf_spasm"},
    "can stress cause back pain": {"spasm_cause", "stress"},
    "are calf cramps from a nerve": {"calf_spasm", "pinched_nerve"},
}


@pytest.mark.parametrize("key", TOPICS)
def test_wordings(key):
    topic = key.removeprefix("question/")
    asked = {text: read(text) for text in WORDINGS[key]}
    missed = {
        text: (m.intent, m.slots.get("topic"))
        for text, m in asked.items()
        if m.slots.get("topic") not in SHARED.get(text, {topic})
    }
    assert not missed


def test_questions_of_any_topic():
    missed = [text for text in WORDINGS["question"] if read(text).intent != "question"]
    assert not missed


def test_every_topic_is_asked_for_and_answered():
    topics = {key.removeprefix("question/") for key in TOPICS} - {MORE}
    assert topics == set(plain_reader().answers.topics)


@pytest.mark.parametrize("topic", data("answers")["topics"])
def test_a_short_answer_has_two_sentences_and_a_source(topic):
    answer = plain_reader().answers.topics[topic]
    assert len(re.split(r"(?<=[.!?])\s+", answer.short.strip())) == 2
    assert answer.more
    assert answer.sources


def test_nothing_is_diagnosed_and_nobody_is_reassured():
    answers = plain_reader().answers
    said = str([*answers.topics.values(), answers.interview]).lower()
    assert not re.search(
        r"you're fine|you are fine|nothing to worry|you (probably )?have an? |don't worry", said
    )


def test_the_interview_asks_three_questions_and_for_red_flags_first():
    interview = plain_reader().answers.interview
    assert len(interview.questions) == 3
    assert all(word in interview.screen for word in ("between your legs", "bladder", "bowels", "both"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"short": "One sentence only."}, "sciatica: short has to be 2 sentences"),
        ({"sources": []}, "sciatica: an answer needs a source"),
        ({"about": ["(nerve"]}, "sciatica: ')' is missing"),
        ({"shrot": ""}, "sciatica: there is no 'shrot' here"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(change, complaint):
    broken = copy.deepcopy(data("answers"))
    broken["topics"]["sciatica"].update(change)
    with pytest.raises(ValueError) as error:
        Answers(broken)
    assert complaint in str(error.value)
    assert "answers.yaml" in str(error.value)
