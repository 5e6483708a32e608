"""What to expect of the second opinion: ``python -m tests.opinion.check [SET]``.

For every set of example sentences in turn it learns from all the others and reads that set. The lexicon has
learnt from most of them too, so that of the rules is no fair figure; how many of the signs that the rules
miss are asked about, and how many harmless sentences, is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from companion.nlu.meaning import Tier
from companion.nlu.symptoms import Finding, SymptomReader
from companion.nlu.symptoms.lexicon import compile_lexicon
from companion.nlu.symptoms.opinion import GRAVE
from tests.opinion.train import Example, examples, findings, read_lexicon, second_opinion
from tests.sentences import HARMLESS, sentences

Tiers = Mapping[str, Tier]  # by flag


def is_grave(finding: Finding | None) -> bool:
    """Whether it would stop the session, or ask whether to."""
    return finding is not None and finding.tier in GRAVE


def line(
    name: str, rules: SymptomReader, reader: SymptomReader, data: Sequence[Example], tiers: Tiers
) -> str:
    """How many grave signs the rules and then both meet, and how many false alarms both give."""
    grave = [text for text, flag, _ in data if tiers.get(flag) in GRAVE]
    harmless = [text for text, flag, _ in data if flag == HARMLESS]
    met = sum(is_grave(rules.read(text)) for text in grave)
    both = sum(is_grave(reader.read(text)) for text in grave)
    alarms = sum(is_grave(reader.read(text)) for text in harmless)
    return f"{name:14}{met:>8}{both:>8} of{len(grave):>5}{alarms:>12} of{len(harmless):>5}"


def main(arguments: Sequence[str]) -> int:
    """Print a line for every set, or for those named; returns the exit code."""
    lexicon = read_lexicon()
    compiled = compile_lexicon(lexicon)
    data = examples(compiled)
    names = arguments or sorted(sentences())
    unknown = set(names) - set(data)
    if unknown:
        print(f"There is no set {', '.join(sorted(unknown))}; there are {', '.join(sorted(data))}.")
        return 1
    print(f"{'signs met by':14}{'rules':>8}{'both':>8}{'':8}{'false alarms':>12}")
    for name in names:
        others = [example for other, found in data.items() if other != name for example in found]
        reader = SymptomReader(lexicon, second_opinion(compiled, others))
        print(line(name, SymptomReader(lexicon), reader, data[name], findings(compiled)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
