"""Talking to the clerk: what a command lacks is asked for, where somebody sits at a terminal.

``questions`` is what a dialogue is and how it goes on, without a terminal; ``intake`` and ``work`` are the dialogues;
``terminal`` says how somebody is talked to, and ``lineedit`` alone knows the library that edits lines.
"""
