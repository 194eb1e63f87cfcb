"""Every exercise: the reference passes, the stub fails; the catalogue is whole."""

import numpy as np
import pytest
from stand_in_child import StandIn

from flatprop.exercises import clinic, stubs, workspace
from flatprop.exercises.catalogue import EXERCISES, find
from flatprop.exercises.sandbox.parent import Child


def tree_of(folder, exercise, into):
    workspace.compose(folder, exercise, into)
    return into


def each_exercise(argument="exercise"):
    return pytest.mark.parametrize(argument, EXERCISES, ids=lambda each: each.id)


@each_exercise()
def test_the_reference_passes(exercise, solved, tmp_path):
    child = StandIn(tree_of(solved, exercise, tmp_path))
    feedback = exercise.check(child, np.random.default_rng(0))
    assert feedback.passed, feedback.message
    assert feedback.share == 1


@pytest.mark.slow
@each_exercise()
def test_the_reference_passes_on_any_seed(exercise, solved, tmp_path):
    child = StandIn(tree_of(solved, exercise, tmp_path))
    for seed in range(100 if exercise.id != "digits" else 5):
        feedback = exercise.check(child, np.random.default_rng(seed))
        assert feedback.passed, feedback.message


@pytest.mark.slow
@pytest.mark.processes
@each_exercise()
def test_the_reference_passes_in_a_child(exercise, solved, tmp_path):
    with Child(tree_of(solved, exercise, tmp_path)) as child:
        feedback = exercise.check(child, np.random.default_rng(0))
    assert feedback.passed, feedback.message


@each_exercise()
def test_the_stub_fails(exercise, solved, tmp_path):
    tree_of(solved, exercise, tmp_path)
    for file, names in exercise.targets:
        text = workspace.starting_texts()[file]
        workspace.write(tmp_path / file, text)
        assert stubs.names_to_write(text, names) == names
    feedback = exercise.check(StandIn(tmp_path), np.random.default_rng(0))
    assert not feedback.passed and feedback.share == 0
    assert "not written yet" in feedback.message or exercise.id == "clinic"


def test_the_catalogue_is_whole():
    ids = [exercise.id for exercise in EXERCISES]
    assert len(set(ids)) == len(ids) >= 25
    assert sum(exercise.points for exercise in EXERCISES) == 100
    for place, exercise in enumerate(EXERCISES):
        assert len(exercise.hints) == 3 and all(exercise.hints)
        assert set(exercise.prerequisites) <= set(ids[:place])
        files = {file for file, _ in exercise.targets}
        needs = set(workspace.needs(workspace.taken(exercise), exercise.also))
        assert not files & set(exercise.own) and not needs & {*files, *exercise.own}
        assert needs <= {path.relative_to(workspace.ROOT).as_posix() for top in workspace.CORE
                         for path in (workspace.ROOT / top).rglob("*.py")}


def test_a_check_is_deterministic_for_a_seed(solved, tmp_path):
    exercise = find("affine")
    tree_of(solved, exercise, tmp_path)
    source = workspace.solution("layers/affine.py")
    workspace.write(tmp_path / "layers/affine.py", source.replace("x.T @ dout,", "-x.T @ dout,"))
    messages = {exercise.check(StandIn(tmp_path), np.random.default_rng(7)).message
                for _ in range(3)}
    assert len(messages) == 1


def test_no_patient_earns_points_in_another_exercise(solved, tmp_path):
    nets = ("running-example", "two-layer-net", "n-layer-net", "digits")
    for exercise in map(find, nets):
        for file, names in exercise.targets:
            text = workspace.starting_texts()[file]
            for patient in clinic.PATIENTS:
                well = workspace.solution(patient.file)
                assert stubs.names_to_write(text, names) == names
                for name in names:
                    body = stubs.text_of(workspace.solution(file), name).splitlines()
                    lines = {line.strip() for line in body if line.strip()[:1].isalpha()}
                    written = lines - {line.strip() for line in text.splitlines()}
                    same = written & {line.strip() for line in well.splitlines()}
                    assert len(same) <= len(written) / 4, (file, name, same)


def test_patients_are_sick_in_one_line():
    for patient in clinic.PATIENTS:
        sick = workspace.reference(patient.file).splitlines()
        well = workspace.solution(patient.file).splitlines()
        assert len(sick) == len(well)
        assert sum(a != b for a, b in zip(sick, well, strict=True)) == 1
