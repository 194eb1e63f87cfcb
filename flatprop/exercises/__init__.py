"""The assignment: the lecture's layers as exercises, checked in words, and graded for a class."""
