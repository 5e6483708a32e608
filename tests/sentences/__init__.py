"""What people may say, each sentence under what it means; a file a set.

A label is a finding of ``symptoms.yaml``, an intent, ``question/topic``, ``harmless`` for reports of symptoms
that need nothing done, or ``chatter`` for what is said to somebody else. The second opinion, the guesses and
the language model of the domain learn from all of it.
"""

from __future__ import annotations

from pathlib import Path

from companion.content.yaml_file import read_yaml

FOLDER = Path(__file__).parent
HARMLESS, CHATTER = "harmless", "chatter"


def sentences() -> dict[str, list[tuple[str, str]]]:
    """Text and label of every sentence, by the name of its set."""
    files = sorted(FOLDER.glob("*.yaml"))
    return {
        file.stem: [(text, label) for label, texts in read_yaml(file).data.items() for text in texts]
        for file in files
    }
