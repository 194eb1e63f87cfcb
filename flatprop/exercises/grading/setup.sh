#!/usr/bin/env bash
# Run once, when Gradescope builds the autograder's image: Python 3.11 or later, and NumPy.
set -euo pipefail
apt-get update
apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv \
    || apt-get install -y python3 python3-venv
python=$(command -v python3.12 || command -v python3.11 || command -v python3)
"$python" -m venv /autograder/venv
/autograder/venv/bin/pip install "numpy>=2.0"
# The students' code runs as a user of its own, which is to see neither the reference nor results.
chmod -R go-rwx /autograder/source
