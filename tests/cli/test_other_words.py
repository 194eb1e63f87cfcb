"""Words of other programs are answered with ours, slips with what was meant, the rest with nothing.

The right answers stand here on their own; other_words.toml is not read by these tests, but for the
one that looks for contradictions in it.
"""

import re

import pytest
from command_cases import refused

from data.by_name import NAMES as DATA
from flatprop.__main__ import COMMANDS, main
from flatprop.commands_page import parsers
from flatprop.exercises.__main__ import INSTRUCTORS, STUDENTS
from flatprop.gradcheck.subjects import LAYERS
from flatprop.usage import other_words
from flatprop.usage.other_words import about_number, edits, fitting, slip_of
from layers.by_name import ACTIVATIONS, LOSSES, NORMS
from models.by_name import INITS, MODELS
from solvers.by_name import SCHEDULES, UPDATE_RULES

TRAIN = {       # what others type -> what is right here; "" where nothing may be suggested
    "--learning-rate --learning_rate --lr-rate --eta --learnRate --LR learning_rate=0.1 -lr "
    "--learing-rate --leraning-rate": "--lr",
    "--optimizer --optim --solver --Optimiser --optimizer-type optimizer=adam": "--update-rule",
    "--bs --batch -b --batchSize --mini_batch_size --per_device_train_batch_size": "--batch-size",
    "--hidden-layer-sizes --units --neurons --num-layers --hidden_dim --hiden": "--hidden",
    "--early-stopping --n_iter_no_change --early_stopping.patience": "--patience",
    "--num_epochs --n-epochs --nb_epoch --max_epochs --epochs-num --train_epochs --epoch "
    "--max-iter --steps -e EPOCHS=5 trainer.max_epochs=5": "--epochs",
    "--l2 --alpha --reg-lambda --wd": "--reg", "--val-split --validation_fraction": "--val",
    "--test-size --testing_percentage": "--test", "--target --response_column": "--label",
    "--random-state --manual_seed": "--seed", "--save --output-dir --logdir": "--out",
    "--scheduler --lr_policy": "--lr-schedule", "--gamma": "--lr-factor", "--eta-min": "--lr-final",
    "--warmup-steps": "--warmup", "--clip-grad --max_grad_norm": "--clip", "-q --silent": "--quiet",
    "--criterion --loss-fn": "--loss", "--arch --network": "--model", "--bn": "--norm batch",
    "--dataset --input": "--data", "--resume-from-checkpoint --load": "--resume",
    "--act --nonlinearity": "--activation", "--lr-find": "--find-rate", "--normalize":
    "--standardize", "--precision": "--dtype", "--n-samples": "--examples",
    "--no-dropout": "--dropout 0", "--sede": "--seed", "-d": "--data",
    "--force --exist-ok --clobber": "--overwrite", "--gradient-check": "--sanity",
    "--step-size": "--lr-every", "--lrf": "--lr-final",
    "--epcohs": "--epochs", "--over-write": "--overwrite",
    "--class-weights --scale-pos-weight --is_unbalance": "--class-weight",
    "--sample_weights --weights-column": "--sample-weight", "--smoothing": "--label-smoothing",
    "--eval_metric --scoring --monitor": "--best-by",
    "--gpu --cuda --accelerator": "--device", "--shuffle --imgsz --yes": "",
    "--cv --n-splits --kfold": "--folds", "--n-jobs --num_processes": "--jobs",
    "--nthread --num-threads --n_threads --OMP_NUM_THREADS OMP_NUM_THREADS=2 --thread": "--threads",
    "-f --no-such-option --speed --mask --flip --text --value "
    "--mode --name-of-nothing -s --rate-limit --port --eps": "",
}


@pytest.mark.parametrize("word, right", [(word, right) for words, right in TRAIN.items()
                                         for word in words.split()])
def test_an_option_of_another_program(capsys, word, right):
    line = refused(capsys, "train", word, "1")
    line = re.sub(rf"(?<![\w-]){re.escape(word.split('=')[0])}(?![\w-])", "WORD", line)
    suggested = re.findall(r"(?<![\w-])--(?!help)[a-z][a-z-]*(?: 0| batch)?", line)
    assert suggested[:1] == [right] * bool(right), line


@pytest.mark.parametrize("words, says", [
    ("--verbose", "shown anyway; --quiet hides it"), ("--tpu-cores 8", "on the CPU, or on one"),
    ("--max-iter 9", "passes over the training data"),
    ("--wd 0.1", "half of PyTorch's weight_decay"), ("--quiet true", "leave true out"),
    ("--quiet=true", "without a value"), ("--layers 3", "--hidden H"), ("--out", "--out FOLDER"),
    ("moons", "--data moons"), ("--data", "as in --data NAME|FILE"),
])
def test_train_says_how_it_is_here(capsys, words, says):
    assert says in refused(capsys, "train", *words.split())


@pytest.mark.parametrize("words, says", [
    ("predict --model r x.csv -o y.csv", "RUN is given alone"),
    ("predict r --input x.csv -o y.csv", "INPUT is given alone"),
    ("predict r x.csv --output y.csv", "is --out here"), ("predict r x -output y", "--out here"),
    ("predict r x.csv -o y.csv --batch-size 3", "is --chunk here"),
    ("predict r x.csv -o y.csv --verbose", "--quiet hides it"),
    ("predict r", "missing: INPUT, -o/--out; type flatprop predict RUN INPUT --out OUTPUT"),
    ("evaluate r --target y", "is --label here"), ("evaluate r --test-data a", "is --data here"),
    ("export r --format onnx", "is --to here"), ("export r --to pytorch", "safetensors here"),
    ("report --run r", "RUN is given alone"), ("draw mlp", "It is fully_connected_net here"),
    ("draw two_layer_net --batch-size 3", "is --batch here"), ("check dense", "It is affine here"),
    ("draw two_layer_net --num-classes 3", "is --outputs here"),
    ("check --layer relu", "LAYER is given alone"), ("check mlp", "--model"),
    ("lecture --part 3", "PART is given alone"), ("exercises init --path x", "is --dir here"),
    ("exercises grade x --workers 2", "is --jobs here"), ("exercises start", "It is init here"),
    ("exercises test", "It is check here"), ("fit", "It is train here"),
    ("infer", "It is predict here"), ("test", "It is evaluate here"), ("gradcheck", "check here"),
    ("new", "It is exercises init here"), ("visualize", "draws a circuit"),
    ("evaluate r --checkpoint last", "is --which here"), ("evaluate r --format x", "--json here"),
    ("evaluate r --metric f1", "every measure is printed"), ("evaluate r --quiet", "is printed is"),
    ("export r --onnx", "is --to onnx here"), ("draw two_layer_net --layers 4", "is --hidden"),
    ("check affine --eps 1", "a step of its own"), ("check affine --verbose", "shown anyway"),
    ("predict r x --stdout", "is --out - here"), ("report r --pdf", "a browser prints it"),
    ("lecture --list", "flatprop lecture alone lists"), ("exercises --list", "without dashes"),
    ("exercises init --force", "what is there already is left"), ("exercises grade x --output r",
                                                                  "is --csv FILE here, or --json"),
    ("train --predict x", "flatprop predict RUN FILE"), ("train --export x", "flatprop export RUN"),
    ("train --stratify", "every part has its share"), ("train --tol 1", "is --min-delta here"),
    ("export r --to keras", "Other formats are made from"), ("exercises bundle zip", "gradescope"),
    ("train --activation prelu", "The nearest is leaky_relu."), ("train --lr auto", "--find-rate"),
    ("runs --filter a=1", "is --where here"), ("runs --limit 3", "head -20"),
    ("runs --logdir x", "FOLDER is given alone"), ("leaderboard", "It is runs here"),
    ("run", "flatprop runs lists"),
    ("train --activation sin", "'sin'. Choose from"), ("train --update-rule best", "one is adam."),
])
def test_the_other_commands_answer_with_what_they_have(capsys, words, says):
    assert says in refused(capsys, *words.split())


@pytest.mark.parametrize("words", ["foo", "exercises foo", "report r --lr 3",
                                   "export r --epochs 3", "check relu --data x"])
def test_where_nothing_fits_nothing_is_suggested(capsys, words):
    line = refused(capsys, *words.split())
    assert "Did you mean" not in line and " is " not in line.lower()


VALUES = {
    "activation": {"ReLU": "relu", "swish": "silu", "identity": "none", "LeakyReLU": "leaky_relu",
                   "leaky-relu": "leaky_relu", "logistic": "sigmoid", "nn.Tanh": "tanh",
                   "softmax": None, "mish": None, "rleu": "relu"},
    "loss": {"mse": "square", "MSELoss": "square", "cross_entropy": "softmax", "bce": "logistic",
             "hinge": "svm", "nll_loss": "softmax", "mae": None, "focal": None},
    "init": {"kaiming": "he", "glorot_uniform": "xavier", "HeNormal": "he", "gaussian": "normal",
             "orthogonal": None},
    "model": {"mlp": "fully_connected_net", "logreg": "linear_classifier", "linear":
              "linear_classifier", "two_layer": "two_layer_net", "resnet18": None},
    "update-rule": {"AdamW": "adamw", "sgdm": "momentum", "NAG": "nesterov", "torch.optim.Adam":
                    "adam", "nadam": None, "lbfgs": None, "adma": "adam"},
    "lr-schedule": {"StepLR": "step", "CosineAnnealingLR": "cosine", "linear": "polynomial",
                    "ReduceLROnPlateau": None, "one_cycle": None},
    "dtype": {"fp32": "float32", "double": "float64", "FP64": "float64", "fp16": None},
    "standardize": {"zscore": "feature", "false": "none", "minmax": None},
    "norm": {"bn": "batch", "LayerNorm": "layer", "groupnorm": None},
    "task": {"binary": "classification", "reg": "regression", "clustering": None},
    "data": {"MNIST": "mnist", "fashion-mnist": "fashion_mnist", "cifar": "cifar10",
             "make_moons": "moons", "iris": None},
}


@pytest.mark.parametrize("option, value, right", [
    (option, value, right) for option, values in VALUES.items() for value, right in values.items()])
def test_a_name_of_another_program(capsys, option, value, right):
    """Our own names are taken in any case and with any dashes; others are told, and not taken."""
    words = ["train", "--print-config", f"--{option}", value]
    if option == "task":
        words += ["--data", "x.csv"]
    if right is not None and other_words.letters(value) == other_words.letters(right):
        assert main(words) == 0
        written = f'["{right}"]' if option == "data" else f'"{right}"'
        assert f"{option.replace('-', '_')} = {written}\n" in capsys.readouterr().out
        return
    if option == "data":
        words.remove("--print-config")
    line = refused(capsys, *words)
    said = re.findall(r"It is (\w+) here|It is (\w+),|Did you mean (\w+)", line)
    assert ["".join(each) for each in said] == [right] * (right is not None), line


@pytest.mark.parametrize("words, says", [
    ("--dropout 50%", "(write 0.5)"), ("--val 20", "(write 0.2)"), ("--lr 0,01", "(write 0.01)"),
    ("--lr 1e-3f", "(write 0.001)"), ("--epochs 1e3", "(write 1000)"), ("--epochs 1,000",
                                                                        "(write 1000)"),
    ("--hidden 32,16", "(write 32 16)"), ("--hidden [32,16]", "(write 32 16)"),
    ("--hidden 32x16", "(write 32 16)"), ("--hidden (100,)", "(write 100)"),
    ("--hidden 2.5", "'2.5' must be a whole number, 1 or more\n"), ("--hidden 1e3", "(write 1000)"),
    ("--dropout 1.5", "less than 1\n"), ("--dropout 50", "(write 0.5)"),
    ("--clip inf", "leave the option out"),
    ("--epochs inf", "0 or more\n"), ("--batch-size all", "'all' is full here"),
    ("--clip none", "leave the option out"),
])
def test_a_number_written_otherwise(capsys, words, says):
    assert says in refused(capsys, "train", *words.split())


@pytest.mark.parametrize("text", ["-1", "inf", "2.5", "x", "1.2.3", "0x10", "--", "1 2"])
def test_what_is_no_number_gets_no_other_number(text):
    assert about_number(text, whole=True) == ""


def test_a_slip_with_two_meanings_is_left_open():
    assert slip_of("w11", ["w11h", "w11o", "w12h"]) is None
    assert slip_of("w12", ["w11h", "w11o", "w12h"]) == "w12h"
    assert slip_of("rellu", ["relu", "elu", "selu"]) == "relu"


def test_edits_are_counted_as_known():
    for a, b, count in (("rleu", "relu", 1), ("hiden", "hidden", 1), ("kitten", "sitting", 3),
                        ("", "abc", 3), ("same", "same", 0), ("ca", "abc", 3)):
        assert edits(a, b) == edits(b, a) == count


@pytest.mark.parametrize("word", ["verbose", "versionless", "gpu", "rest", "best", "form", "unit"])
def test_a_far_word_is_no_slip(word):
    assert slip_of(word, ["overwrite", "version", "reg", "test", "norm", "init"]) is None


def test_the_table_does_not_contradict_itself():
    """A word has one answer in a section, unless the answers are for different commands."""
    for section, answers in other_words.table().items():
        if section in ("options", "alone", "empty", "same"):
            continue
        seen = {}
        for answer, words in answers.items():
            for word in words:
                assert seen.setdefault(other_words.letters(word), answer) == answer, (section, word)


NAMES = {"activation": ACTIVATIONS, "loss": LOSSES, "init": INITS, "model": MODELS, "norm": NORMS,
         "update_rule": UPDATE_RULES, "lr_schedule": SCHEDULES, "data": DATA, "flatprop": COMMANDS,
         "layer": [each.name for each in LAYERS], "exercises": [*STUDENTS, *INSTRUCTORS],
         "dtype": ["float32", "float64"], "standardize": ["feature", "dataset", "none"],
         "task": ["regression", "classification"], "progress": ["bar", "lines", "none", "auto"],
         "to": ["onnx", "safetensors"], "which": ["best", "last"],
         "bundle": ["jupyter", "gradescope"], "device": ["cpu", "cuda"]}


@pytest.mark.parametrize("section", other_words.table())
def test_every_answer_of_the_table_makes_a_sentence(section):
    """It begins with a name of ours and then ends or goes on after : or , or with no name at all;
    and the options and commands that it names exist.
    """
    if section in ("empty", "same", "alone"):
        return
    values = {value for names in NAMES.values() for value in names}
    options = {option: parser for parser in parsers() for option in parser.known()}
    for answer in other_words.table()[section]:
        for text in answer.split(" | "):
            head = re.split("[:,]", text)[0].split()
            if section not in NAMES and text.startswith("-"):
                assert all(word in options or word in values or not word.islower()
                           for word in head), text
            elif section in NAMES and head[0] in NAMES[section]:
                assert head[1:] == [] or (section == "flatprop" and head[1] in NAMES["exercises"])
            assert {*re.findall(r"(?<![\w-])--[a-z][\w-]*", text)} <= {*options}, text
            for command in re.findall(r"flatprop ([a-z]+)", text):
                assert command in COMMANDS or command in ("chooses", "computes"), text
    _, _, commands = section.partition(" ")
    for command in filter(None, commands.split(", ")):
        known = next(parser for parser in parsers() if parser.command == command).known()
        for answer in other_words.table()[section]:
            assert fitting(answer, known), (command, answer)
