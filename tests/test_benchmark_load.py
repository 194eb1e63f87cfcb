"""What benchmarks/under_load.py makes of its samples, and which contenders it starts."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the benchmarks need SIGSTOP")


def test_each_number_of_threads_up_to_the_machines_takes_part():
    from benchmarks import under_load
    assert list(under_load.contenders_for(1, False)) == ["flatprop 1"]
    found = under_load.contenders_for(6, True)
    assert list(found) == ["flatprop 1", "flatprop 2", "flatprop 4", "flatprop 6", "pytorch",
                           "pytorch 1"]
    assert found["flatprop 4"][1]["OPENBLAS_NUM_THREADS"] == "4" and found["pytorch"][1] == {}


def test_a_choice_is_compared_with_the_best_fixed_number():
    from benchmarks import under_load
    rounds = [{"flatprop 1": [10.0], "flatprop 2": [20.0, 30.0, 40.0], "pytorch": [60.0],
               "pytorch 1": [15.0], "auto": [20.0, 30.0, 40.0], "free": [10.0]}] * 3
    cell = {"network": "784-512-10", "load": 1, "rounds": rounds,
            "others": {"processes": 0.2, "stolen": 0.0}}
    lines = under_load.text({"rule": "momentum", "cells": [cell], "contenders": dict.fromkeys(
        ["flatprop 1", "flatprop 2", "pytorch", "pytorch 1"])})
    auto = next(line for line in lines if " auto " in line and "(" in line)
    free = next(line for line in lines if " free " in line and "(" in line)
    assert auto.split("auto")[1].split()[::2] == ["3.00", "2.00", "0.50"]
    assert free.split("free")[1].split()[::2] == ["1.00", "6.00", "1.50"]
    assert "disturbed" in lines[-1]


def test_the_worst_disturbance_of_the_rounds_is_kept():
    from benchmarks import under_load
    assert under_load.worse(None, {"a": 1}) == {"a": 1}
    assert under_load.worse({"a": 3, "b": 1}, {"a": 1, "b": 2}) == {"a": 3, "b": 2}
