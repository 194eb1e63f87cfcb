/* A library to be preloaded into Python: it counts, records or spoils the calls by which a process
   reads and changes the files below one folder.

       cc -shared -fPIC -O1 -o calls.so calls.c -ldl -lpthread
       LD_PRELOAD=./calls.so CALLS_UNDER=/path/of/run CALLS_LIST=/tmp/list flatprop train ...

   Linux with glibc 2.33 or later. Not followed: FILE* (fopen, fwrite), mmap, sendfile,
   copy_file_range, links; flatprop uses none of them in a run.

   CALLS_UNDER   the folder, absolute and without links; it need not be there yet. Calls on it
                 and on what is below it count, by path or by an open file; nothing else does.
   CALLS_LIST    a file, to which a line is added for every such call, before it is made:
                     PID KIND PATH
                 so that the Nth line of a kind and a PID is what CALLS_NUMBER=N would spoil.
   CALLS_KIND, CALLS_NUMBER, CALLS_ERROR
                 the Nth call of this kind, from 1, fails with this error, ENOSPC, EIO, EDQUOT,
                 EINTR or EACCES; each process counts for itself. With CALLS_STICKY=1 every
                 later one of this kind fails too. "all-writes" stands for all kinds that change
                 something (a full disk: CALLS_STICKY=1, ENOSPC).
   CALLS_HIT     a file, to which a line as in CALLS_LIST is added for every call spoiled.
   CALLS_RECORD  a file, to which a line is added for every call that has changed something, in
                 the order in which they were made, in all processes; the bytes written are
                 added to the file of this name with .bytes at its end.

   The kinds are
       open-write, open-read, open-folder, list (opendir), stat, read, lock
       write, short-write (half of it is written, without an error; later ones fail with
       CALLS_ERROR if CALLS_STICKY=1), sync, rename, unlink, rmdir, mkdir, truncate, close
   A close that fails has closed the file all the same, as Linux does it.

   The record. Lines end in \n, their fields are parted by tabs; in a path \ is written \\, a tab
   \t, and a newline \n. PATH is absolute. FILE names an open file: PID.NUMBER, where NUMBER counts
   the files that were opened, so that no name comes again; duplicates of a descriptor have the name
   of the first. Numbers are decimal.
       open      PATH  FLAGS  FILE          FLAGS: RDONLY, WRONLY or RDWR, then as they are given
                                            |CREAT |EXCL |TRUNC |APPEND. Files opened for writing,
                                            and folders; no other.
       write     FILE  POSITION  LENGTH  OFFSET
                                            LENGTH bytes, which begin at OFFSET in the .bytes file,
                                            were written at POSITION in the file
       truncate  FILE  LENGTH
       fsync     FILE                       of a file or a folder; fdatasync too
       close     FILE                       of those that have a line open: of the last duplicate
       rename    OLD  NEW
       unlink    PATH
       mkdir     PATH
       rmdir     PATH
       truncate-path  PATH  LENGTH          by path, without an open file
   Calls that failed are not recorded.

   A process that has been forked reads the environment anew with calls_begin(). */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN_WRITE, OPEN_READ, OPEN_FOLDER, LIST, STAT, READ, LOCK,
            WRITE, SHORT_WRITE, SYNC, RENAME, UNLINK, RMDIR, MKDIR, TRUNCATE, CLOSE, KINDS };
static const char *names[KINDS] = {
    "open-write", "open-read", "open-folder", "list", "stat", "read", "lock",
    "write", "short-write", "sync", "rename", "unlink", "rmdir", "mkdir", "truncate", "close"};

struct file { long number; int descriptors, recorded; char path[]; };
enum { MOST = 65536, LONGEST = 8192 };
static struct file *files[MOST];        /* by descriptor; NULL: not below the folder */
static long opened;

static char under[LONGEST], list_name[LONGEST], hit_name[LONGEST], record_name[LONGEST];
static int wanted, error, sticky, all_writes;
static long number, counts[KINDS + 1];
static int record = -1, record_bytes = -1, record_owner;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* The function of this name that this one hides. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void copy_variable(char *into, const char *name) {
    const char *value = getenv(name);
    snprintf(into, LONGEST, "%s", value ? value : "");
}

__attribute__((constructor)) void calls_begin(void) {
    const char *value;
    copy_variable(under, "CALLS_UNDER");
    copy_variable(list_name, "CALLS_LIST");
    copy_variable(hit_name, "CALLS_HIT");
    copy_variable(record_name, "CALLS_RECORD");
    wanted = -1;
    all_writes = 0;
    if ((value = getenv("CALLS_KIND"))) {
        all_writes = !strcmp(value, "all-writes");
        for (int i = 0; i < KINDS; i++)
            if (!strcmp(value, names[i])) wanted = i;
        if (wanted < 0 && !all_writes) { fprintf(stderr, "calls.c: no kind %s\n", value); _exit(99); }
    }
    number = (value = getenv("CALLS_NUMBER")) ? atol(value) : 0;
    value = getenv("CALLS_ERROR");
    error = !value ? EIO : !strcmp(value, "ENOSPC") ? ENOSPC : !strcmp(value, "EDQUOT") ? EDQUOT :
            !strcmp(value, "EINTR") ? EINTR : !strcmp(value, "EACCES") ? EACCES : EIO;
    sticky = (value = getenv("CALLS_STICKY")) && *value == '1';
    memset(counts, 0, sizeof counts);
    record_owner = 0;
}

/* A path made absolute, without . and .. in it, relative to an open folder or AT_FDCWD. */
static void absolute(char *into, int folder, const char *path) {
    char whole[2 * LONGEST];
    if (*path == '/') snprintf(whole, sizeof whole, "%s", path);
    else {
        char at[LONGEST] = "", link[64];
        if (folder == AT_FDCWD) { if (!getcwd(at, sizeof at)) *at = 0; }
        else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t n = readlink(link, at, sizeof at - 1);
            at[n > 0 ? n : 0] = 0;
        }
        snprintf(whole, sizeof whole, "%s/%s", at, path);
    }
    char *end = into, *left;
    for (char *part = strtok_r(whole, "/", &left); part; part = strtok_r(NULL, "/", &left)) {
        if (!strcmp(part, ".")) continue;
        if (!strcmp(part, "..")) { while (end > into && *--end != '/') {} continue; }
        size_t n = strlen(part);
        if (end + n + 2 > into + LONGEST) break;
        *end++ = '/';
        memcpy(end, part, n);
        end += n;
    }
    *end = 0;
}

static int is_under(const char *path) {
    size_t n = strlen(under);
    return n && !strncmp(path, under, n) && (path[n] == 0 || path[n] == '/');
}

/* Whether a path counts; if so its absolute form is put into `into`. */
static int counts_at(char *into, int folder, const char *path) {
    int before = errno;
    int found = 0;
    if (*under && path && *path) {
        absolute(into, folder, path);
        found = is_under(into);
    }
    errno = before;
    return found;
}

static struct file *file_of(int descriptor) {
    return descriptor >= 0 && descriptor < MOST ? files[descriptor] : NULL;
}

static void escape(char *into, const char *path) {
    for (; *path; path++) {
        char letter = *path == '\\' ? '\\' : *path == '\t' ? 't' : *path == '\n' ? 'n' : 0;
        if (letter) { *into++ = '\\'; *into++ = letter; } else *into++ = *path;
    }
    *into = 0;
}

static void add_line(const char *file, const char *text) {
    int descriptor = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor < 0) return;
    (void)!REAL(write)(descriptor, text, strlen(text));
    REAL(close)(descriptor);
}

/* Count a call of a kind; gives whether it is to fail, and then errno is set. */
static int fails(enum kind kind, const char *path) {
    int before = errno;
    static char line[3 * LONGEST], escaped[2 * LONGEST];
    pthread_mutex_lock(&mutex);
    int is_write = kind >= WRITE && kind != CLOSE && kind != SHORT_WRITE;
    is_write = is_write || kind == OPEN_WRITE;
    long count = all_writes ? (is_write ? ++counts[KINDS] : 0) : ++counts[kind];
    int hit = (all_writes ? is_write : (int)kind == wanted) &&
              (sticky ? count >= number : count == number);
    if (*list_name || (hit && *hit_name)) {
        escape(escaped, path);
        snprintf(line, sizeof line, "%d\t%s\t%s\n", getpid(), names[kind], escaped);
        if (*list_name) add_line(list_name, line);
        if (hit && *hit_name) add_line(hit_name, line);
    }
    pthread_mutex_unlock(&mutex);
    errno = hit ? error : before;
    return hit;
}

/* Between these two a call is made and recorded, and no other process records one. */
static void begin_record(void) {
    if (!*record_name) return;
    pthread_mutex_lock(&mutex);
    int before = errno;
    if (record_owner != getpid()) {     /* forked: a lock of its own needs a file of its own */
        char bytes[LONGEST + 8];
        snprintf(bytes, sizeof bytes, "%s.bytes", record_name);
        int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
        record = REAL(open)(record_name, flags, 0666);
        record_bytes = REAL(open)(bytes, flags, 0666);
        record_owner = getpid();
    }
    REAL(flock)(record, LOCK_EX);
    errno = before;
}

static void end_record(void) {
    if (!*record_name) return;
    int before = errno;
    REAL(flock)(record, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = before;
}

static void put(const char *form, ...) {
    if (!*record_name) return;
    int before = errno;
    static char line[5 * LONGEST];
    va_list rest;
    va_start(rest, form);
    vsnprintf(line, sizeof line, form, rest);
    va_end(rest);
    (void)!REAL(write)(record, line, strlen(line));
    errno = before;
}

static const char *name_of(const struct file *file) {
    static char name[64];
    snprintf(name, sizeof name, "%d.%ld", getpid(), file->number);
    return name;
}

static void put_path(const char *what, const char *path) {
    static char escaped[2 * LONGEST];
    escape(escaped, path);
    put("%s\t%s\n", what, escaped);
}

/* ---- open and close ---- */

static enum kind kind_of_open(int folder, const char *path, int flags) {
    struct stat found;
    if ((flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT) return OPEN_WRITE;
    int before = errno, is_folder = flags & O_DIRECTORY ||
        (!REAL(fstatat)(folder, path, &found, 0) && S_ISDIR(found.st_mode));
    errno = before;
    return is_folder ? OPEN_FOLDER : OPEN_READ;
}

static int keep(int descriptor, const char *path, int flags, enum kind kind) {
    if (descriptor < 0 || descriptor >= MOST) return descriptor;
    struct file *file = malloc(sizeof *file + strlen(path) + 1);
    strcpy(file->path, path);
    file->number = ++opened;
    file->descriptors = 1;
    file->recorded = kind != OPEN_READ;
    files[descriptor] = file;
    if (file->recorded && *record_name) {
        static char escaped[2 * LONGEST];
        int access = flags & O_ACCMODE;
        escape(escaped, path);
        put("open\t%s\t%s%s%s%s%s\t%s\n", escaped,
            access == O_RDONLY ? "RDONLY" : access == O_WRONLY ? "WRONLY" : "RDWR",
            flags & O_CREAT ? "|CREAT" : "", flags & O_EXCL ? "|EXCL" : "",
            flags & O_TRUNC ? "|TRUNC" : "", flags & O_APPEND ? "|APPEND" : "", name_of(file));
    }
    return descriptor;
}

#define OPEN(folder, call) \
    va_list rest; va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    char whole[LONGEST]; \
    if (!counts_at(whole, folder, path)) return call; \
    enum kind kind = kind_of_open(folder, path, flags); \
    if (fails(kind, whole)) return -1; \
    begin_record(); \
    int descriptor = keep(call, whole, flags, kind); \
    end_record(); \
    return descriptor;

int open(const char *path, int flags, ...) { OPEN(AT_FDCWD, REAL(open)(path, flags, mode)) }
int open64(const char *path, int flags, ...) { OPEN(AT_FDCWD, REAL(open64)(path, flags, mode)) }
int openat(int at, const char *path, int flags, ...) { OPEN(at, REAL(openat)(at, path, flags, mode)) }
int openat64(int at, const char *path, int flags, ...) {
    OPEN(at, REAL(openat64)(at, path, flags, mode))
}

/* A descriptor no longer stands for a file. */
static void forget(int descriptor) {
    struct file *file = file_of(descriptor);
    if (!file) return;
    files[descriptor] = NULL;
    if (--file->descriptors) return;
    if (file->recorded) put("close\t%s\n", name_of(file));
    free(file);
}

int close(int descriptor) {
    struct file *file = file_of(descriptor);
    if (!file) return REAL(close)(descriptor);
    int hit = fails(CLOSE, file->path), code = errno;
    begin_record();
    forget(descriptor);
    int result = REAL(close)(descriptor);
    end_record();
    if (hit) errno = code;
    return hit ? -1 : result;
}

static int duplicate(int made, int descriptor) {
    struct file *file = file_of(descriptor);
    if (made < 0 || made == descriptor) return made;
    if (file_of(made)) { begin_record(); forget(made); end_record(); }     /* dup2 closes it */
    if (file && made < MOST) { files[made] = file; file->descriptors++; }
    return made;
}

int dup(int from) { return duplicate(REAL(dup)(from), from); }
int dup2(int from, int to) { return duplicate(REAL(dup2)(from, to), from); }
int dup3(int from, int to, int flags) { return duplicate(REAL(dup3)(from, to, flags), from); }

#define FCNTL(name) int name(int descriptor, int what, ...) { \
    va_list rest; va_start(rest, what); \
    void *argument = va_arg(rest, void *); \
    va_end(rest); \
    int result = REAL(name)(descriptor, what, argument); \
    return what == F_DUPFD || what == F_DUPFD_CLOEXEC ? duplicate(result, descriptor) : result; }
FCNTL(fcntl)
FCNTL(fcntl64)

/* ---- reading and writing ---- */

#define READING(call) \
    struct file *file = file_of(descriptor); \
    if (file && fails(READ, file->path)) return -1; \
    return call;

ssize_t read(int descriptor, void *into, size_t n) { READING(REAL(read)(descriptor, into, n)) }
ssize_t pread(int descriptor, void *into, size_t n, off_t at) {
    READING(REAL(pread)(descriptor, into, n, at))
}
ssize_t pread64(int descriptor, void *into, size_t n, off64_t at) {
    READING(REAL(pread64)(descriptor, into, n, at))
}
ssize_t readv(int descriptor, const struct iovec *into, int n) {
    READING(REAL(readv)(descriptor, into, n))
}

/* Write n bytes, at a position or where the file is (-1). */
static ssize_t written(struct file *file, int descriptor, const void *from, size_t n, off64_t at) {
    if (fails(WRITE, file->path)) return -1;
    /* A short write is a kind of its own: only half of the bytes, and from then on, if sticky,
       none, as on a disk that is full. */
    if (wanted == SHORT_WRITE && fails(SHORT_WRITE, file->path)) {
        if (counts[SHORT_WRITE] > number) return -1;
        n = n > 1 ? n / 2 : n;
    } else if (wanted != SHORT_WRITE && *list_name) fails(SHORT_WRITE, file->path);
    begin_record();
    ssize_t done = at < 0 ? REAL(write)(descriptor, from, n) : REAL(pwrite64)(descriptor, from, n, at);
    if (done > 0 && *record_name) {
        int before = errno;
        off64_t position = at < 0 ? lseek64(descriptor, 0, SEEK_CUR) - done : at;
        (void)!REAL(write)(record_bytes, from, done);
        off64_t offset = lseek64(record_bytes, 0, SEEK_END) - done;
        put("write\t%s\t%lld\t%zd\t%lld\n", name_of(file), (long long)position, done,
            (long long)offset);
        errno = before;
    }
    end_record();
    return done;
}

ssize_t write(int descriptor, const void *from, size_t n) {
    struct file *file = file_of(descriptor);
    return file ? written(file, descriptor, from, n, -1) : REAL(write)(descriptor, from, n);
}
ssize_t pwrite(int descriptor, const void *from, size_t n, off_t at) {
    struct file *file = file_of(descriptor);
    return file ? written(file, descriptor, from, n, at) : REAL(pwrite)(descriptor, from, n, at);
}
ssize_t pwrite64(int descriptor, const void *from, size_t n, off64_t at) {
    struct file *file = file_of(descriptor);
    return file ? written(file, descriptor, from, n, at) : REAL(pwrite64)(descriptor, from, n, at);
}
ssize_t writev(int descriptor, const struct iovec *from, int n) {
    struct file *file = file_of(descriptor);
    if (!file) return REAL(writev)(descriptor, from, n);
    ssize_t sum = 0;
    for (int i = 0; i < n; i++) {
        if (!from[i].iov_len) continue;
        ssize_t done = written(file, descriptor, from[i].iov_base, from[i].iov_len, -1);
        if (done < 0) return sum ? sum : -1;
        sum += done;
        if ((size_t)done < from[i].iov_len) break;
    }
    return sum;
}

#define OF_FILE(kind, call, ...) \
    struct file *file = file_of(descriptor); \
    if (!file) return call; \
    if (fails(kind, file->path)) return -1; \
    begin_record(); \
    int result = call; \
    if (!result) put(__VA_ARGS__); \
    end_record(); \
    return result;

int fsync(int descriptor) {
    OF_FILE(SYNC, REAL(fsync)(descriptor), "fsync\t%s\n", name_of(file))
}
int fdatasync(int descriptor) {
    OF_FILE(SYNC, REAL(fdatasync)(descriptor), "fsync\t%s\n", name_of(file))
}
int ftruncate(int descriptor, off_t length) {
    OF_FILE(TRUNCATE, REAL(ftruncate)(descriptor, length), "truncate\t%s\t%lld\n", name_of(file),
            (long long)length)
}
int ftruncate64(int descriptor, off64_t length) {
    OF_FILE(TRUNCATE, REAL(ftruncate64)(descriptor, length), "truncate\t%s\t%lld\n", name_of(file),
            (long long)length)
}

int flock(int descriptor, int operation) {
    struct file *file = file_of(descriptor);
    if (file && fails(LOCK, file->path)) return -1;
    return REAL(flock)(descriptor, operation);
}

/* ---- names ---- */

#define OF_PATH(kind, what, folder, call) \
    char whole[LONGEST]; \
    if (!counts_at(whole, folder, path)) return call; \
    if (fails(kind, whole)) return -1; \
    begin_record(); \
    int result = call; \
    if (!result) put_path(what, whole); \
    end_record(); \
    return result;

int unlink(const char *path) { OF_PATH(UNLINK, "unlink", AT_FDCWD, REAL(unlink)(path)) }
int rmdir(const char *path) { OF_PATH(RMDIR, "rmdir", AT_FDCWD, REAL(rmdir)(path)) }
int mkdir(const char *path, mode_t mode) { OF_PATH(MKDIR, "mkdir", AT_FDCWD, REAL(mkdir)(path, mode)) }
int mkdirat(int at, const char *path, mode_t mode) {
    OF_PATH(MKDIR, "mkdir", at, REAL(mkdirat)(at, path, mode))
}
int unlinkat(int at, const char *path, int flags) {
    int is_folder = flags & AT_REMOVEDIR;
    OF_PATH(is_folder ? RMDIR : UNLINK, is_folder ? "rmdir" : "unlink", at,
            REAL(unlinkat)(at, path, flags))
}

#define TRUNCATION(name, type) int name(const char *path, type length) { \
    char whole[LONGEST]; \
    if (!counts_at(whole, AT_FDCWD, path)) return REAL(name)(path, length); \
    if (fails(TRUNCATE, whole)) return -1; \
    begin_record(); \
    int result = REAL(name)(path, length); \
    static char escaped[2 * LONGEST]; \
    escape(escaped, whole); \
    if (!result) put("truncate-path\t%s\t%lld\n", escaped, (long long)length); \
    end_record(); \
    return result; }
TRUNCATION(truncate, off_t)
TRUNCATION(truncate64, off64_t)

#define RENAMING(at_old, at_new, call) \
    char old_whole[LONGEST], new_whole[LONGEST]; \
    int counted = counts_at(new_whole, at_new, new); \
    if (!(counts_at(old_whole, at_old, old) || counted)) return call; \
    if (fails(RENAME, counted ? new_whole : old_whole)) return -1; \
    begin_record(); \
    int result = call; \
    static char old_escaped[2 * LONGEST], new_escaped[2 * LONGEST]; \
    escape(old_escaped, old_whole); escape(new_escaped, new_whole); \
    if (!result) put("rename\t%s\t%s\n", old_escaped, new_escaped); \
    end_record(); \
    return result;

int rename(const char *old, const char *new) { RENAMING(AT_FDCWD, AT_FDCWD, REAL(rename)(old, new)) }
int renameat(int from, const char *old, int to, const char *new) {
    RENAMING(from, to, REAL(renameat)(from, old, to, new))
}
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    RENAMING(from, to, REAL(renameat2)(from, old, to, new, flags))
}

DIR *opendir(const char *path) {
    char whole[LONGEST];
    if (counts_at(whole, AT_FDCWD, path) && fails(LIST, whole)) return NULL;
    return REAL(opendir)(path);
}
DIR *fdopendir(int descriptor) {
    struct file *file = file_of(descriptor);
    if (file && fails(LIST, file->path)) return NULL;
    return REAL(fdopendir)(descriptor);
}
/* Closes the descriptor that fdopendir was given, without a call of close(). */
int closedir(DIR *folder) {
    begin_record();
    forget(dirfd(folder));
    int result = REAL(closedir)(folder);
    end_record();
    return result;
}

#define STATING(folder, call) \
    char whole[LONGEST]; \
    return counts_at(whole, folder, path) && fails(STAT, whole) ? -1 : call;
#define STATING_FILE(call) \
    struct file *file = file_of(descriptor); \
    return file && fails(STAT, file->path) ? -1 : call;

int stat(const char *path, struct stat *into) { STATING(AT_FDCWD, REAL(stat)(path, into)) }
int stat64(const char *path, struct stat64 *into) { STATING(AT_FDCWD, REAL(stat64)(path, into)) }
int lstat(const char *path, struct stat *into) { STATING(AT_FDCWD, REAL(lstat)(path, into)) }
int lstat64(const char *path, struct stat64 *into) { STATING(AT_FDCWD, REAL(lstat64)(path, into)) }
int fstatat(int at, const char *path, struct stat *into, int flags) {
    STATING(at, REAL(fstatat)(at, path, into, flags))
}
int fstatat64(int at, const char *path, struct stat64 *into, int flags) {
    STATING(at, REAL(fstatat64)(at, path, into, flags))
}
int statx(int at, const char *path, int flags, unsigned mask, struct statx *into) {
    STATING(at, REAL(statx)(at, path, flags, mask, into))
}
int fstat(int descriptor, struct stat *into) { STATING_FILE(REAL(fstat)(descriptor, into)) }
int fstat64(int descriptor, struct stat64 *into) { STATING_FILE(REAL(fstat64)(descriptor, into)) }
