import unittest

from words.counting import count, split


class CountingTests(unittest.TestCase):
    def test_splits_at_everything_that_is_no_word(self):
        self.assertEqual(split("Don't stop, go!"), ["don't", "stop", "go"])

    def test_counts_words_whatever_their_case(self):
        self.assertEqual(count("the cat and The hat")["the"], 2)

    def test_an_empty_text_has_no_words(self):
        self.assertEqual(count(""), {})


if __name__ == "__main__":
    unittest.main()
