"""Templates mean what hassil, whose notation they use, says that they mean."""

import re

import pytest
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_expression

from companion.nlu.templates import Automaton, enumerate_phrases, parse
from tests.nlu.pack import data, plain_reader

RULES = {"one": parse("(one|exercise)")}
HASSIL_RULES = {"one": parse_sentence("(one|exercise)")}
TEMPLATES = ["pause", "[the] next <one> [please]", "(swap|switch|change) [my] (legs|sides)", "a [b [c]|d] e"]


def automaton(*templates, skip=(), spellings=None):
    made = Automaton(RULES, {}, skip, spellings)
    for template in templates:
        made.add(parse(template), template)
    return made


def whole(made, text):
    words = text.split()
    return {m.label for m in made.find(words) if (m.start, m.end) == (0, len(words))}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_phrases_are_those_of_hassil(template):
    theirs = set(sample_expression(parse_sentence(template).expression, expansion_rules=HASSIL_RULES))
    ours = set(enumerate_phrases(parse(template), RULES, {}))
    assert ours == {" ".join(phrase.split()) for phrase in theirs}
    assert all(whole(automaton(template), phrase) == {template} for phrase in ours)


@pytest.mark.parametrize("intent", data("commands")["intents"])
def test_every_template_of_the_pack_is_read_by_hassil_too(intent):
    entry = data("commands")["intents"][intent]
    for template in [*entry["short"], *entry["sentences"]]:
        parse_sentence(template)


def test_templates_are_found_among_other_words():
    found = automaton("next", "the next one").find(["well", "the", "next", "one", "please"])
    assert {(m.label, m.start, m.end) for m in found} >= {("the next one", 1, 4)}


def test_words_to_skip_may_stand_inside_but_never_at_the_ends():
    made = automaton("swap sides", skip=["please"])
    found = made.find(["please", "swap", "please", "sides", "please"])
    assert [(m.start, m.end) for m in found] == [(1, 4)]


def test_another_spelling_counts():
    assert whole(automaton("i'm back", spellings={"i'm": "i am"}), "i am back")


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("(a|b", "')' is missing"),
        ("a)", "never opened"),
        ("a & b", "cannot read"),
        ("", "empty"),
        ("[a)", "']' is missing"),
    ],
)
def test_what_cannot_be_read_is_told(template, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse(template)


def test_the_matcher_shares_its_vocabulary():
    assert {"pause", "stop", "sides"} <= set(plain_reader().commands.vocabulary)
