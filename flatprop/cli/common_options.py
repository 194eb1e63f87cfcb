"""Options that several commands have, worded once."""

from flatprop.cli.errors import one_of, whole


def add_run(parser, nargs=None):
    """RUN, the folder of a trained run (with nargs="+" a list of them), and --which."""
    parser.add_argument("run", nargs=nargs, metavar="RUN",
                        help="the folder of a run, as train leaves it")
    parser.add_argument("--which", type=one_of(("best", "last")), default="best",
                        metavar="best|last",
                        help="the weights: best by validation, or last (default: best)")


def add_out(parser, metavar, text, required=False):
    """-o/--out: what is written; kept as args.out."""
    parser.add_argument("-o", "--out", metavar=metavar, required=required, help=text)


def add_json(parser, text="print one JSON object"):
    """--json: the result for programs."""
    parser.add_argument("--json", action="store_true", help=text)


def add_seed(parser, text, default=None):
    """--seed of the random numbers."""
    parser.add_argument("--seed", type=whole(0), default=default, metavar="K", help=text)
