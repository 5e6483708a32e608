"""Keyboard shortcuts of the desktop that run a command of the companion, from anywhere on it."""
