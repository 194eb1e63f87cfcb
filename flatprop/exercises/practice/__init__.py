"""Exercises of the lecture that are no layer, model or solver of the project, each solved."""
