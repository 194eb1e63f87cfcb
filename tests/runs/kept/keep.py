"""Keep runs of the version in a checkout, for test_old_runs.py: done once for each, at its end.

    python tests/runs/kept/keep.py CHECKOUT VERSION

trains tiny nets with the commands of that checkout. VERSION.zip has the folder of each run, and in
NAME.json what that version itself predicts with it, and how it evaluates it before and after it has
gone on with it.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
TABLE = "plants.csv"
COMMON = ["--data", TABLE, "--epochs", "2", "--batch-size", "8", "--lr", "0.05"]
RUNS = {
    "classes": ["--label", "kind", "--norm", "batch", "--dropout", "0.2"],
    "amounts": ["--label", "height"],
    "folds": ["--label", "kind", "--folds", "2"],
    "two_layer": ["--label", "kind", "--model", "two_layer", "--loss", "svm"],
    "linear": ["--label", "kind", "--model", "linear", "--update-rule", "momentum"],
    "regressor": ["--label", "height", "--model", "two_layer_regressor", "--dtype", "float64"],
}
OF_VERSIONS = {"folds": ("0.3.0", "9"), "two_layer": ("0", "0.1.0"), "linear": ("0", "0.1.0"),
               "regressor": ("0", "0.1.0")}     # the last three had names of their own at first
EPOCHS = "4"        # to which a run is gone on with


def call(checkout, command, *words):
    """What a command of the checkout prints, typed in its folder."""
    script = [f"{command}.py"] if (checkout / f"{command}.py").exists() else [
        "-m", "flatprop", command]
    done = subprocess.run([sys.executable, *script, *words], cwd=checkout, text=True,
                          capture_output=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    if done.returncode:
        sys.exit(f"{command} {' '.join(words)}: {done.stderr}")
    return done.stdout


def keep(checkout, version):
    shutil.copy(HERE / TABLE, checkout)
    with zipfile.ZipFile(HERE / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as kept:
        for name, words in RUNS.items():
            first, last = OF_VERSIONS.get(name, ("0", "9"))
            if not first <= version <= last:
                continue
            one = ["--folds", "0"] if name != "folds" and version >= "0.3.0" else []
            hidden = [] if name == "linear" else ["--hidden", "4"]
            call(checkout, "train", *COMMON, *hidden, *words, *one, "--out", name, "--quiet")
            for path in sorted((checkout / name).rglob("*")):
                kept.write(path, path.relative_to(checkout))
            evaluate = ["evaluate", name, "--which", "last", "--json"]
            said = {"predicted": call(checkout, "predict", name, TABLE, "-o", "-", "--quiet"),
                    "evaluated": json.loads(call(checkout, *evaluate))}
            call(checkout, "train", "--resume", name, "--epochs", EPOCHS, "--quiet")
            said["gone_on"] = json.loads(call(checkout, *evaluate))
            kept.writestr(f"{name}.json", json.dumps(said))
            shutil.rmtree(checkout / name)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2])
