"""How many processors there are, by affinity and by the files of cgroups, which are faked here."""

import os
import sys

import pytest

from flatprop import processors


def cgroup(folder, own, **files):
    """A folder as /sys/fs/cgroup, and a file as /proc/self/cgroup; in names of files __ is /."""
    for name, content in files.items():
        path = folder / "cgroup" / name.replace("__", "/").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "own").write_text(own)
    return folder / "cgroup", folder / "own"


@pytest.mark.parametrize("own, files, quota", [
    ("0::/\n", {"cpuDOTmax": "100000 100000\n"}, 1.0),              # version 2, in a container
    ("0::/a/b\n", {"a__b__cpuDOTmax": "max 100000\n", "a__cpuDOTmax": "150000 100000\n"}, 1.5),
    ("0::/a/b\n", {"a__b__cpuDOTmax": "300000 100000\n", "a__cpuDOTmax": "50000 100000\n"}, 0.5),
    ("0::/a/b\n", {"cpuDOTmax": "200000 100000\n"}, 2.0),           # it sees its own as the top
    ("0::/\n", {"cpuDOTmax": "max 100000\n"}, None), ("0::/\n", {}, None), ("", {}, None),
    ("3:cpu,cpuacct:/d\n", {"cpu,cpuacct__d__cpuDOTcfs_quota_us": "250000\n",       # version 1
                            "cpu,cpuacct__d__cpuDOTcfs_period_us": "100000\n"}, 2.5),
    ("9:memory:/x\n1:cpu:/docker/f\n0::/\n", {"cpu__cpuDOTcfs_quota_us": "100000\n",
                                             "cpu__cpuDOTcfs_period_us": "50000\n"}, 2.0),
    ("1:cpu:/\n", {"cpu__cpuDOTcfs_quota_us": "-1\n",
                   "cpu__cpuDOTcfs_period_us": "100000\n"}, None),
    ("0::/\n", {"cpuDOTmax": "1 0\n"}, None), ("0::/\n", {"cpuDOTmax": "0 5\n"}, None),
    ("0::/\n", {"cpuDOTmax": "x y z\n"}, None), ("0::/../../..\n:::\n\n", {}, None),
    ("0::/" + "a/" * 5000, {"cpuDOTmax": "100000 100000\n"}, 1.0),
])
def test_the_quota_is_the_least_of_a_cgroup_and_those_above(tmp_path, own, files, quota):
    assert processors.quota(*cgroup(tmp_path, own, **files)) == quota


@pytest.mark.parametrize("text, count", [
    ("100000 100000", 1), ("10000 100000", 1), ("140000 100000", 1), ("200000 100000", 2),
    ("990000 100000", 4), ("max 100000", 4)])
def test_no_more_processors_than_the_quota_and_than_may_be_run_on(tmp_path, monkeypatch, text,
                                                                  count):
    faked = cgroup(tmp_path, "0::/\n", cpuDOTmax=text)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5, 7}, raising=False)
    assert processors.available(*faked) == count
    monkeypatch.delattr(os, "sched_getaffinity")        # as on macOS and Windows
    monkeypatch.setattr(os, "process_cpu_count", lambda: 4, raising=False)
    assert processors.available(*faked) == count
    monkeypatch.delattr(os, "process_cpu_count")
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert processors.available(*faked) == count


def test_what_threads_have_waited_is_summed(tmp_path):
    for number, text in enumerate(["5000 1500000000 7\n", "1 250000000 2\n", "", "0 0 0\n"]):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "schedstat").write_text(text)
    assert processors.waited(tmp_path) == 1.75
    assert processors.waited(tmp_path / "nothing") is None
    (tmp_path / "alone").mkdir()
    assert processors.waited(tmp_path / "alone") is None


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells")
def test_here_there_is_a_processor():
    assert 1 <= processors.available() <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize("ours, mine, others, count", [
    # In half a second of two processors: seconds of this process, on all and by its own clock.
    (0.01, 0.01, 0.0, 2), (0.01, 0.01, 0.1, 2), (0.01, 0.01, 0.5, 1), (0.02, 0.02, 1.0, 1),
    (0.5, 0.5, 0.1, 2), (0.0, 0.03, 0.0, 2)])
def test_processors_that_others_leave_free(tmp_path, monkeypatch, ours, mine, others, count):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2}, raising=False)
    monkeypatch.setattr(processors, "available", lambda: 2)
    stat, now, own = tmp_path / "stat", [7.0], [3.0]

    def write(seconds):
        ticks = round(100 * seconds / 2)        # half on each; cpu1 is for others alone
        stat.write_text(f"cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 {1000 + ticks} 5 5 777 8 0 0 0 0 0\n"
                        f"cpu1 {now[0] * 1e4:.0f} 5 5 777 8 0 0 0 0 0\n"
                        f"cpu2 500 5 {5 + ticks} 777 8 0 0 0 0 0\nintr 5 0 0\n")

    def sleep(seconds):
        now[0] += seconds
        own[0] += mine
        write(ours + others)
    write(0)
    assert processors.free(stat, sleep, lambda: now[0], lambda: own[0]) == count


def test_where_the_system_does_not_tell_all_processors_are_free(tmp_path, monkeypatch):
    monkeypatch.setattr(processors, "available", lambda: 5)
    (tmp_path / "stat").write_text("cpu0 x\nanything\n")
    for stat in (tmp_path / "stat", tmp_path / "nothing"):
        assert processors.free(stat, sleep=None) == 5
