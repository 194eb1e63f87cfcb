"""Runs on disk: atomic writes, checkpoints, run directories, and the models saved in them."""
