"""The walls round a child that the operating system enforces: limits, another user, no files.

They hold even if a student's code controls its whole process. What a system lacks is left out;
docs/instructors.md says what that means.
"""

import ctypes
import os
import signal
import struct
import sys

try:
    import resource
except ImportError:     # Windows
    resource = None

FIRST_USER = 2_000_000_000      # plus the process id: a user number that no account has
SMALL_USER = 60_577             # the same, where user numbers end at 65,535
NO_NEW_PRIVILEGES, SET_SECCOMP, DUMPABLE = 38, 22, 4
EPERM = 1
OPEN_FILES = 32         # each may hold as much of the disk as a file may, even without a name
# Installed packages: perhaps the reference is among them, or a library that differentiates.
HIDDEN = ("site-packages", "dist-packages")


def raise_walls(tree, scratch, readable, limits):
    """tree: the folder to import from; scratch: the folder to write in; readable: other folders.

    limits: a dict as limits.Limits. -> the names of the walls that stand
    """
    standing = [*limit(limits)]
    if sys.platform != "linux":
        return standing
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        standing += other_user(tree, scratch)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(DUMPABLE, 0, 0, 0, 0)    # no core dump: the system may start a program for one
    standing += landlock(libc, [tree, *readable], scratch)
    standing += seccomp(libc)
    return standing


def limit(limits):
    """CPU time, memory, the size of files, core dumps, processes."""
    if resource is None:
        return
    # The limit is for what the student's code adds to the memory that is mapped already.
    memory = limits["memory_mb"] * 2**20 + mapped_bytes()
    for name, kind, wanted in (("cpu", resource.RLIMIT_CPU, limits["cpu_seconds"]),
                               ("as", resource.RLIMIT_AS, memory),
                               ("fsize", resource.RLIMIT_FSIZE, limits["file_mb"] * 2**20),
                               ("core", resource.RLIMIT_CORE, 0),
                               ("nproc", resource.RLIMIT_NPROC, limits["processes"]),
                               ("nofile", resource.RLIMIT_NOFILE, OPEN_FILES)):
        try:
            _, most = resource.getrlimit(kind)
            most = sys.maxsize if most == resource.RLIM_INFINITY else most
            soft = min(int(wanted), most)
            # CPU time: first a signal of that name, a second later the end.
            hard = min(soft + 1, most) if name == "cpu" else soft
            resource.setrlimit(kind, (soft, hard))
        except (OSError, ValueError):
            continue            # macOS knows no limit of memory
        yield f"limit of {name}"


def mapped_bytes():
    """The address space in use, where the system tells."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def other_user(tree, scratch):
    """Become a user that no account has, who owns scratch and alone may read the tree, root's."""
    for user in (FIRST_USER + os.getpid(), SMALL_USER + os.getpid() % 1000):
        try:
            os.chown(scratch, user, user)
            os.chown(tree, -1, user)
            os.chmod(tree, 0o750)
            become(user)
        except OSError:
            continue            # a container has fewer users, or forbids it
        return ["another user"]
    return []


def become(user):
    """Give up every other user and group, for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def kill_all_of(pid):
    """Kill whatever still runs as the user of child pid; called as root, after the child's end."""
    user = FIRST_USER + pid
    try:
        os.getpriority(os.PRIO_USER, user)
    except OSError:
        return              # nothing does
    killer = os.fork()
    if killer:
        os.waitpid(killer, 0)
        return
    try:
        become(user)
        if os.getuid() == user:         # -1 is everything of this user's
            os.kill(-1, signal.SIGKILL)
    finally:
        os._exit(0)


def landlock(libc, readable, scratch):
    """No file but those below the folders given, no network, no signals to others, for good."""
    abi = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return []
    reading = 1 << 2 | 1 << 3                   # files, folders
    # No deleting, and no folders: so counting the files of scratch gives the space it takes.
    writing = 1 << 1 | 1 << 8 | (1 << 14 if abi >= 3 else 0)
    files = (1 << 13) - 1 | (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) \
        | (1 << 15 if abi >= 5 else 0)
    attributes = struct.pack("=QQQ", files, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = libc.syscall(444, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0)
    if rules < 0:
        return []
    allowed = [rule for folder in readable for rule in readable_entries(folder, reading)]
    allowed.append((scratch, reading | writing))
    allowed += [("/dev/null", 1 << 1 | 1 << 2), ("/dev/urandom", 1 << 2)]
    for path, access in allowed:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue            # not to be seen by this user anyway
        rule = struct.pack("=Qi", access, descriptor)
        libc.syscall(445, rules, 1, ctypes.c_char_p(rule), 0)
        os.close(descriptor)
    done = libc.syscall(446, rules, 0)
    os.close(rules)
    return ["landlock"] if done == 0 else []


def readable_entries(folder, reading):
    """(path, access) of what may be read in a folder: all of it, or all but what was installed."""
    if not any(os.path.isdir(os.path.join(folder, name)) for name in HIDDEN):
        return [(folder, reading)]
    try:
        inside = [entry for entry in os.scandir(folder) if entry.name not in HIDDEN]
    except OSError:
        return []               # not to be seen by this user anyway
    return [(folder, 1 << 3), *[(entry.path, reading if entry.is_dir() else 1 << 2)
                                for entry in inside]]


# System calls that a layer has no use for: new programs and processes, other processes, networks,
# memory that no limit counts, mounts, ways round this very filter; and, where the child is still
# the user who grades, changes to what is that user's: modes, owners, times, limits, priorities.
REFUSED = {
    "x86_64": (0xC000003E, [
        56, 57, 58, 59, 322, 435,                       # clone, fork, vfork, execve(at), clone3
        62, 200, 234, 424, 434, 438, 129, 297,          # kill, t(g)kill, pidfd_*, rt_*sigqueueinfo
        101, 310, 311, 312, 440, 448,                   # ptrace, process_vm_*, kcmp, ...
        41, 42, 43, 49, 50, 53, 288,                    # socket, connect, accept, bind, listen
        29, 30, 64, 68, 240,                            # shmget, shmat, semget, msgget, mq_open
        155, 161, 165, 166, 272, 308,                   # pivot_root, chroot, mount, unshare
        425, 426, 427, 323, 321, 298, 246, 248, 249, 250, 135, 310, 175, 313, 176, 169,
        319, 447, 303, 304, 428, 429, 430, 431, 432, 433, 442, 162, 306,   # memfd_*, mounts, sync
        90, 91, 268, 452, 92, 93, 94, 260, 76,          # chmod, chown, truncate by name
        132, 235, 261, 280, 188, 189, 190, 197, 198, 199, 463, 466,     # times, attributes
        141, 142, 144, 203, 251, 256, 279, 314]),       # priorities, processors, pages
    "aarch64": (0xC00000B7, [
        220, 221, 281, 435, 129, 130, 131, 424, 434, 438, 138, 240, 117, 270, 271, 272, 440, 448,
        198, 199, 200, 201, 202, 203, 242, 194, 196, 190, 186, 180, 41, 51, 40, 39, 97, 268,
        425, 426, 427, 282, 280, 241, 104, 217, 218, 219, 92, 105, 273, 106, 142,
        279, 447, 264, 265, 428, 429, 430, 431, 432, 433, 442, 81, 267,
        52, 53, 452, 54, 55, 45, 88, 5, 6, 7, 14, 15, 16, 463, 466,
        140, 118, 119, 122, 30, 238, 239, 274]),
}
# (number, argument, refused where it is one of these; of prlimit64 where it is not 0, this process)
BY_ARGUMENT = {
    "x86_64": ((72, 1, (8, 10, 15)), (302, 0, ())),     # fcntl: who gets its signals, and which
    "aarch64": ((25, 1, (8, 10, 15)), (261, 0, ())),
}


def seccomp(libc):
    """Refuse the system calls above, for good. The filter is a program of the kernel's (BPF)."""
    machine = os.uname().machine
    if machine not in REFUSED or sys.maxsize < 2**32:
        return []
    architecture, calls = REFUSED[machine]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    refuse, allow, kill = 0x00050000 | EPERM, 0x7FFF0000, 0x80000000
    program = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, kill), (load, 0, 0, 0)]
    if machine == "x86_64":         # the same calls by the numbers of the x32 interface
        program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]
    for number in sorted(set(calls)):
        program += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    for number, place, values in BY_ARGUMENT[machine]:
        tests = [line for value in values for line in ((equal, 0, 1, value), (give, 0, 0, refuse))]
        tests = tests or [(equal, 1, 0, 0), (give, 0, 0, refuse)]
        program += [(equal, 0, len(tests) + 2, number), (load, 0, 0, 16 + 8 * place), *tests,
                    (give, 0, 0, allow)]
    program.append((give, 0, 0, allow))
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    done = libc.prctl(SET_SECCOMP, 2, ctypes.c_char_p(header), 0, 0)
    return ["seccomp"] if done == 0 else []
