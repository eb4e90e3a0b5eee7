"""Counting words."""

import re
from collections import Counter

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def split(text):
    """The words of a text, in lower case and in order."""
    return [word.lower() for word in WORD.findall(text)]


def count(text):
    """How often each word occurs, whatever its case."""
    return Counter(split(text))
