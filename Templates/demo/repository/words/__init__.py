"""Small tools for words in a text."""

from words.counting import count

__all__ = ["count"]
