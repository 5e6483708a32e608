"""The words that the model knows, how they sound, and what is said to it while it learns."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pocketsphinx

Pronunciation = tuple[str, ...]  # phones of the CMU dictionary, without stress

COMMANDS = (
    """
pause, resume, stop, next, repeat, yes, no, skip, help, swap sides, switch sides, numb, go back, start, again,
ready, done, slower, faster, louder, quieter, left side, right side, easier, harder, how long, what is next,
wait, okay, cancel, quit, finish, next exercise, begin, end, rest, i need a break, my foot is numb, it hurts,
that hurts, too tight, too much, more time, less time, thank you, continue, yes please, stop please,
repeat that, help please, no more, hold, pain, my leg hurts, skip the exercise, one more minute, ten seconds,
i need help, the left arm, up, down, pause the exercise, five more seconds, end the exercise
""".replace("\n", " ")
    .strip()
    .split(", ")
)
OTHER_WORDS = ("finished", "hurt", "two", "three", "four", "six", "seven", "eight", "nine", "zero")
WORDS = sorted({word for command in COMMANDS for word in command.split()} | set(OTHER_WORDS))

# Everyday words that the model does not know, so that it learns what the unknown sounds like.
UNKNOWN_WORDS = """
about above airport animal answer apple around autumn bath beige bird boat book bottle bread bridge
brother brown building butter camera candle carpet casual chair chance cheese chicken church circle
coffee coin color computer cook corner cotton country cousin daughter december dinner doctor dollar
engine enjoy evening family farmer father feather finger fish flower forest friday friend fuzzy garage
garden garlic gather general glass gold gray green hammer happy harbor history holiday honey horse
hospital house hundred hush island jacket january jazz jelly join journey judge juice jungle kitchen
ladder lazy lemon letter library listen little machine magic market measure meeting metal middle million
mirror monday money morning mother mountain music nature needle noise number ocean office often onion
orange other outside oyster paper parent path people pepper person picture pillow pink planet pleasure
pocket point police potato power present pretty price problem pull purple push question quick rabbit
radio rainbow reason river rocket saturday school season shadow should shoulder silver sister sleep small
smooth soldier song spoon square station story strange street sugar summer sunday table teacher
television thick thousand thunder toilet tomorrow tower treasure triangle tuesday umbrella uncle
understand usual valley village vision visit voice voyage walking wash watch water weather wednesday
window winter woman wonder wool yellow yesterday young zebra zip zoo
""".split()  # noqa: SIM905

VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
PHONES = sorted([*VOWELS, *"B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()])  # noqa: SIM905


@cache
def dictionary() -> dict[str, list[Pronunciation]]:
    """The CMU dictionary that PocketSphinx carries."""
    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    found: dict[str, list[Pronunciation]] = {}
    for line in path.read_text().splitlines():
        entry, *phones = line.split()
        found.setdefault(entry.split("(")[0], []).append(tuple(phones))
    return found


def pronunciations(word: str, *, british: bool = False) -> list[Pronunciation]:
    """Every way to say the word; in British English without the r that no vowel follows."""
    ways = dictionary()[word]
    return list(dict.fromkeys(map(without_final_r, ways) if british else ways))


def without_final_r(phones: Pronunciation) -> Pronunciation:
    following = (*phones[1:], "")
    return tuple(p for p, after in zip(phones, following, strict=True) if p != "R" or after in VOWELS)
