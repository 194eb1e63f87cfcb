"""Runs that were saved before models had the names of their modules."""

import json

import numpy as np
import pytest
from export_cases import INPUTS, C, D, make_run, scores_of

from data.errors import DataError
from flatprop.runs import saved_model
from models.by_name import MODELS, OLD_NAMES


@pytest.mark.parametrize("old", OLD_NAMES)
def test_old_names_load(tmp_path, old):
    sizes = [D, C] if old == "linear" else [D, 6, C]
    folder, model, fitted = make_run(tmp_path, kind=OLD_NAMES[old], sizes=sizes)
    plain = json.loads((folder / "model.json").read_text())
    plain["version"], plain["description"]["kind"] = 1, old
    (folder / "model.json").write_text(json.dumps(plain))
    saved = saved_model.load(folder)
    assert type(saved.model) is MODELS[OLD_NAMES[old]]
    assert np.array_equal(scores_of(saved.model, fitted, INPUTS), scores_of(model, fitted, INPUTS))
    assert saved_model.title(saved.description).startswith(OLD_NAMES[old])


def test_another_version_is_refused(tmp_path):
    folder, _, _ = make_run(tmp_path)
    plain = json.loads((folder / "model.json").read_text())
    for version in (0, saved_model.VERSION + 1, "2", None):
        (folder / "model.json").write_text(json.dumps(plain | {"version": version}))
        with pytest.raises(DataError, match=f"version {version}"):
            saved_model.load(folder)
