"""Symptoms in free words: what was reported, how grave it is, and why it was judged so."""

from companion.nlu.symptoms.finding import Finding
from companion.nlu.symptoms.reader import SymptomReader

__all__ = ["Finding", "SymptomReader"]
