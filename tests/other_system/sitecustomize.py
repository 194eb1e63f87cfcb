"""A Python that takes itself for one of Windows or macOS, as far as that can be had on Linux.

Python imports this file when it starts, if its folder is on PYTHONPATH. FLATPROP_SYSTEM is win32 or
darwin. What the standard library needs of Linux is imported first; then modules, functions, signals
and flags that the other system lacks are taken away, and what it refuses is refused here: Windows
to replace or delete an open file, to open a folder, names with a colon, select on anything but a
socket. Paths stay those of Linux.
"""

import os
import sys

SYSTEM = os.environ.get("FLATPROP_SYSTEM")
# What looks at the system as it is imported, or needs what is taken away.
FIRST = """argparse asyncio concurrent.futures csv ctypes ctypes.util datetime gzip hashlib inspect
json logging mmap multiprocessing pathlib pickle platform queue secrets select selectors shutil
signal socket ssl subprocess tarfile tempfile threading tomllib traceback unittest urllib.request
uuid zipfile numpy numpy.lib.format numpy.ma numpy.testing numpy.fft numpy.polynomial"""
if os.environ.get("FLATPROP_SYSTEM_OF_CHILD"):     # which is to start quickly
    FIRST = ("ctypes pathlib select shutil signal socket subprocess tempfile numpy numpy.random "
             "numpy.testing")
# The same of extras, and slow: only where FLATPROP_EXTRAS is set.
EXTRAS = ("onnx", "safetensors.numpy", "matplotlib.figure", "matplotlib.image")

MODULES = {"win32": "fcntl grp nis posix pty pwd readline resource spwd syslog termios tty",
           "darwin": "nis spwd"}
OS = {
    "win32": """chown chroot confstr copy_file_range ctermid eventfd fchmod fchown fdatasync fork
    forkpty fpathconf getegid geteuid getgid getgroups getloadavg getpgid getpgrp getpriority
    getresgid getresuid getsid getuid initgroups killpg lchown lockf major makedev memfd_create
    minor mkfifo mknod nice openpty pathconf pidfd_open posix_fadvise posix_fallocate posix_spawn
    posix_spawnp pread preadv pwrite pwritev readv register_at_fork sched_getaffinity
    sched_setaffinity sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority
    setregid setresgid setresuid setreuid setsid setuid splice statvfs sync sysconf tcgetpgrp
    tcsetpgrp ttyname uname wait wait3 wait4 waitid writev WNOHANG WIFSIGNALED WTERMSIG
    O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC O_TMPFILE
    PRIO_PROCESS PRIO_USER EX_OK""",
    "darwin": """copy_file_range eventfd fdatasync getrandom getresgid getresuid memfd_create
    pidfd_open posix_fadvise posix_fallocate sched_getaffinity sched_setaffinity setresgid
    setresuid splice O_PATH O_TMPFILE""",
}
SIGNALS = {
    "win32": """SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPOLL SIGPROF
    SIGPWR SIGQUIT SIGRTMAX SIGRTMIN SIGSTKFLT SIGSTOP SIGSYS SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG
    SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ alarm getitimer pause pthread_kill
    pthread_sigmask setitimer siginterrupt sigpending sigtimedwait sigwait sigwaitinfo""",
    "darwin": """SIGCLD SIGPOLL SIGPWR SIGRTMAX SIGRTMIN SIGSTKFLT sigtimedwait sigwaitinfo""",
}
SOCKET = {"win32": "AF_UNIX SOCK_SEQPACKET send_fds recv_fds", "darwin": ""}


def take_away(module, names):
    """Delete what a module has of these names."""
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)


def become(system):
    """Take this process for one of another system."""
    import importlib
    for name in FIRST.split():
        importlib.import_module(name)
    for name in EXTRAS:
        try:
            if not os.environ.get("FLATPROP_EXTRAS"):
                raise ImportError
            importlib.import_module(name)
        except ImportError:
            sys.modules[name.partition(".")[0]] = None
    sys.modules["numba"] = None
    sys.modules["sklearn"] = None
    import select
    import signal
    import socket
    sys.platform = system
    for name in MODULES[system].split():
        sys.modules[name] = None
    take_away(os, OS[system])
    if hasattr(os, "process_cpu_count"):        # which asks for the affinity, here alone
        os.process_cpu_count = os.cpu_count
    take_away(signal, SIGNALS[system])
    take_away(socket, SOCKET[system])
    refuse_proc()
    lend_to_children()
    if system == "darwin":
        be_macos()
    else:
        be_windows(select, signal, socket)


def lend_to_children():
    """The process of a student's code, which is to see nothing of ours, is another system's too."""
    import shutil
    import subprocess
    import tempfile
    shutil._USE_CP_COPY_FILE_RANGE = False
    tempfile._O_TMPFILE_WORKS = subprocess._USE_POSIX_SPAWN = False
    start = subprocess.Popen.__init__

    def start_other(self, command, *arguments, **more):
        if "-I" in command:
            command = [word for word in command if word not in ("-I", "-S")]
            more["env"] = {**more["env"], "FLATPROP_SYSTEM": SYSTEM,
                           "FLATPROP_SYSTEM_OF_CHILD": "1",
                           "PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}
        start(self, command, *arguments, **more)
    subprocess.Popen.__init__ = start_other


def refuse_proc():
    """There is no /proc."""
    import builtins
    import io
    opened = builtins.open

    def open_file(file, *arguments, **more):
        if str(file).startswith("/proc/") or str(file) == "/dev/urandom":
            raise FileNotFoundError(2, "No such file or directory", str(file))
        return opened(file, *arguments, **more)
    builtins.open = io.open = open_file


def be_macos():
    """What macOS has, and refuses."""
    import ctypes
    import fcntl
    import resource
    take_away(fcntl, "F_SETPIPE_SZ F_GETPIPE_SZ")
    limit = resource.setrlimit

    def setrlimit(kind, limits):
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")
        limit(kind, limits)
    resource.setrlimit = setrlimit

    class Library(ctypes.CDLL):
        """One without what glibc and Linux have."""

        def __getattr__(self, name):
            if name in ("mallopt", "prctl"):
                raise AttributeError(f"dlsym(RTLD_DEFAULT, {name}): symbol not found")
            return super().__getattr__(name)
    ctypes.CDLL = Library


def be_windows(select, signal, socket):
    """What Windows has, and refuses."""
    import pathlib
    import shutil
    import subprocess
    import tempfile
    import types
    os.name = "nt"
    for module in (pathlib, sys.modules.get("pathlib._local", pathlib)):
        module.WindowsPath, module.PureWindowsPath = module.PosixPath, module.PurePosixPath
    os.O_BINARY = os.O_TEMPORARY = 0
    tempfile.TemporaryFile = tempfile.NamedTemporaryFile
    shutil._use_fd_functions = shutil._USE_CP_SENDFILE = False
    if hasattr(shutil, "_rmtree_impl"):         # from Python 3.14 on
        shutil._rmtree_impl = shutil._rmtree_unsafe
    shutil._winapi = types.SimpleNamespace(NeedCurrentDirectoryForExePath=lambda command: True)
    subprocess.Popen.kill = lambda self: self.send_signal(9)
    signal.SIGBREAK, signal.CTRL_C_EVENT, signal.CTRL_BREAK_EVENT = 21, 0, 1
    sys.modules["msvcrt"] = types.SimpleNamespace(
        kbhit=lambda: False, getwch=lambda: "", get_osfhandle=lambda number: number,
        LK_NBLCK=2, locking=lambda descriptor, mode, count: None)

    handle, wait = signal.signal, select.select

    def set_handler(number, handler):
        if number not in (2, 4, 6, 8, 11, 15, 21):
            raise ValueError("invalid signal value")
        return handle(number, handler)

    def select_sockets(*lists):
        if not all(isinstance(each, socket.socket) for some in lists[:3] for each in some):
            raise OSError(10038, "an operation was attempted on something that is not a socket")
        return wait(*lists)
    signal.signal, select.select = set_handler, select_sockets

    open_descriptor, make = os.open, os.mkdir

    def open_windows(path, flags, *arguments, **more):
        check_name(path)
        if os.path.isdir(path):
            raise PermissionError(13, "Permission denied", path)
        return open_descriptor(path, flags, *arguments, **more)

    def mkdir(path, *arguments, **more):
        check_name(path)
        return make(path, *arguments, **more)
    os.open, os.mkdir = open_windows, mkdir
    sys.addaudithook(lambda event, arguments: event == "open" and check_name(arguments[0]))
    for name in ("remove", "unlink", "rename", "replace", "rmdir"):
        setattr(os, name, refuse_open(getattr(os, name)))


def check_name(path):
    """Refuse a name that Windows forbids."""
    if isinstance(path, str | bytes | os.PathLike):
        for part in os.fsdecode(path).split("/"):
            if set(part) & set('<>:"|?*') or (part.strip(".") and part[-1] in ". "):
                raise OSError(22, "Invalid argument", os.fsdecode(path))


def refuse_open(function):
    """The function, which refuses files that this process has open."""
    listing = os.listdir

    def careful(*paths, **more):
        held = set()
        for number in listing("/proc/self/fd"):
            try:
                held.add(os.path.realpath(f"/proc/self/fd/{number}"))
            except OSError:
                continue
        for path in paths:
            if "dir_fd" not in more and os.path.isfile(path) and os.path.realpath(path) in held:
                raise PermissionError(13, "The process cannot access the file because it is being "
                                          "used by another process", path)
        for path in paths[1:]:
            check_name(path)
        return function(*paths, **more)
    return careful


if SYSTEM:
    become(SYSTEM)
