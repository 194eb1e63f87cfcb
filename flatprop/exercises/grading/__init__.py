"""Grading a class: every submission a row, whatever it does."""
