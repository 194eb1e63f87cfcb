"""What stands in the folder of a run as its training starts."""

from flatprop.runs import checksums, run_directory, saved_model
from flatprop.training import config, places
from flatprop.usage.errors import UsageError


def write_start(folder, args, data_hash, part_of=None):
    """Write down what was asked for, and on what machine, of a run of its own or of a fold or the
    search of the run in another folder. Raises OSError.
    """
    asked = {"version": config.VERSION, "options": config.of_args(args),
             **places.of_args(args, folder)}
    machine = run_directory.environment(data_hash)
    run_id = (checksums.new_id(asked, machine) if part_of is None else
              checksums.id_of_part(checksums.id_of(part_of), folder.name))
    checksums.write(folder / "config.json", asked, run_id)
    checksums.write(folder / "environment.json", machine, run_id)


def write_model(folder, description, examples):
    """Write down the network. Raises UsageError."""
    try:
        checksums.write(folder / "model.json", saved_model.describe(
            description, examples["preprocessing"]), checksums.id_of(folder))
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}: give another --out"
                         ) from error
