"""Trained runs on disk, and what is done with them: new data, evaluation, exports, reports."""
