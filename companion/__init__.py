"""Companion: an offline, voice-guided exercise companion for sciatica, leg and back spasm."""

__version__ = "0.1.0"
