// `launch`: what has to happen between the fork and bwrap and cannot be said to posix_spawn.
//
//   sandbox-init launch --parent PID [--uid UID] --core BYTES --nofile N [--fsize BYTES] [--nice N]
//   --keep FD[,FD…] [--tasks FILE]… [--cgroup FOLDER] [--own PATH]…
//   [--lower PATH --upper PATH --work PATH --place PATH] -- BWRAP ARG…
//
// In this order, because each step needs what the later ones take away:
//  1. default signal dispositions and an empty mask: an ignored SIGPIPE would be inherited by the harness
//  2. close every descriptor above 2 that is not named by --keep: bwrap would pass it on
//  3. chdir /: the old directory may be one that the session's uid cannot look at
//  4. the limits, while a privileged caller may still raise the hard one of core dumps
//  5. as root: folders of the server's are shown as the session's own, while that can still be done
//  6. fork, the child into the control groups; both then do the next two steps, for only who made a group may
//    put somebody into it
//  7. as root: groups, bounding set, then gid and uid of the session; a root that keeps its uid is refused,
//    because bwrap started by real root lets the agent write /proc/sys/kernel/core_pattern
//  8. no_new_privs
//  9. the launcher: die with the parent: after the ids, because changing them clears it; then see whether the
//    parent is already gone
// 10. the child: mounts the worktree's layers, if it has any, in namespaces of its own, and execs bwrap with
//    nothing but PATH, because whoever can look at bwrap can read what it was started with. The exec also
//    makes the process dumpable again, which the change of uid had taken away and bwrap needs for
//    /proc/self/uid_map
//
// The first process stays, as the one whose end means that the sandbox is empty: bwrap may end while its
// namespace is still being taken down, and a process in there may still be writing. Orphans come to this
// process (subreaper), so it sees the last one go. It ends with bwrap's own exit code, which is the
// command's. SIGTERM and its like are passed to sandbox-init inside, which passes them to the command; when
// it has not ended GRACE_SECONDS later, the sandbox is killed.

#include "sandbox-init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_MAX = 32, NICE_MAX = 19, GRACE_SECONDS = 3, ORPHAN_LOOK_MILLISECONDS = 50 };

struct launch_options {
    unsigned long long parent, uid, core, nofile, fsize, nice;
    bool has_parent, has_uid, has_core, has_nofile, has_fsize, has_nice, has_keep;
    struct groups groups;
    struct overlay overlay;
    const char *own[OWN_MAX];
    size_t own_count;
    int kept[KEPT_MAX];
    size_t kept_count;
    char **command;
};

static int ascending(const void *left, const void *right) {
    return *(const int *)left - *(const int *)right;
}

static void parse_kept(struct launch_options *options, char *list) {
    char *rest = list, *item;
    while ((item = strsep(&rest, ",")) != NULL) {
        if (options->kept_count == KEPT_MAX)
            fail(EXIT_USAGE, 0, "--keep takes at most %d descriptors", KEPT_MAX);
        int descriptor = (int)number("--keep", item, DESCRIPTOR_MAX);
        if (descriptor < 3)
            fail(EXIT_USAGE, 0, "--keep takes descriptors above 2; the first three are always kept");
        options->kept[options->kept_count++] = descriptor;
    }
    qsort(options->kept, options->kept_count, sizeof(int), ascending);
}

/// An absolute path, given once.
static void take_path(const char **place, const char *option, const char *value) {
    if (*place != NULL) fail(EXIT_USAGE, 0, "%s is given twice", option);
    if (value[0] != '/') fail(EXIT_USAGE, 0, "%s needs an absolute path, not '%s'", option, value);
    *place = value;
}

/// The options that are paths; false for any other.
static bool parse_path(struct launch_options *options, const char *option, const char *value) {
    struct {
        const char *name, **place;
    } paths[] = {
        {"--lower", &options->overlay.lower},
        {"--upper", &options->overlay.upper},
        {"--work", &options->overlay.work},
        {"--place", &options->overlay.place},
        {"--cgroup", &options->groups.folder},
    };
    for (size_t row = 0; row < sizeof paths / sizeof *paths; row++) {
        if (strcmp(option, paths[row].name) != 0) continue;
        take_path(paths[row].place, option, value);
        return true;
    }
    if (strcmp(option, "--tasks") == 0) {
        struct groups *groups = &options->groups;
        if (groups->tasks_count == TASKS_MAX)
            fail(EXIT_USAGE, 0, "--tasks is given more than %d times", TASKS_MAX);
        take_path(&groups->tasks[groups->tasks_count++], option, value);
        return true;
    }
    if (strcmp(option, "--own") != 0) return false;
    if (options->own_count == OWN_MAX) fail(EXIT_USAGE, 0, "--own is given more than %d times", OWN_MAX);
    take_path(&options->own[options->own_count++], option, value);
    return true;
}

static struct launch_options parse(int argc, char **argv) {
    struct launch_options options = {0};
    int index = 0;
    for (; index < argc && strcmp(argv[index], "--") != 0; index += 2) {
        const char *option = argv[index];
        if (index + 1 >= argc) fail(EXIT_USAGE, 0, "%s needs a value", option);
        char *value = argv[index + 1];
        struct {
            const char *name;
            unsigned long long *value;
            bool *seen;
            unsigned long long max;
        } numbers[] = {
            {"--parent", &options.parent, &options.has_parent, 1 << 30},
            {"--uid", &options.uid, &options.has_uid, 4294967294u},
            {"--core", &options.core, &options.has_core, RLIM_INFINITY - 1},
            {"--nofile", &options.nofile, &options.has_nofile, DESCRIPTOR_MAX},
            {"--fsize", &options.fsize, &options.has_fsize, RLIM_INFINITY - 1},
            {"--nice", &options.nice, &options.has_nice, NICE_MAX},
        };
        bool known = false;
        for (size_t row = 0; row < sizeof numbers / sizeof *numbers; row++) {
            if (strcmp(option, numbers[row].name) != 0) continue;
            if (*numbers[row].seen) fail(EXIT_USAGE, 0, "%s is given twice", option);
            *numbers[row].value = number(option, value, numbers[row].max);
            *numbers[row].seen = known = true;
        }
        if (!known && strcmp(option, "--keep") == 0) {
            if (options.has_keep) fail(EXIT_USAGE, 0, "--keep is given twice");
            parse_kept(&options, value);
            options.has_keep = known = true;
        }
        if (!known && parse_path(&options, option, value)) continue;
        if (!known) fail(EXIT_USAGE, 0, "launch does not know '%s'", option);
    }
    if (index + 1 >= argc) fail(EXIT_USAGE, 0, "launch needs -- and the path of bwrap");
    options.command = argv + index + 1;
    if (!options.has_parent) fail(EXIT_USAGE, 0, "launch needs --parent");
    if (!options.has_core) fail(EXIT_USAGE, 0, "launch needs --core");
    if (!options.has_nofile) fail(EXIT_USAGE, 0, "launch needs --nofile");
    const struct overlay *overlay = &options.overlay;
    int layers = !!overlay->lower + !!overlay->upper + !!overlay->work + !!overlay->place;
    if (layers != 0 && layers != 4)
        fail(EXIT_USAGE, 0, "an overlay needs --lower, --upper, --work and --place");
    if (options.own_count > 0 && !options.has_uid) fail(EXIT_USAGE, 0, "--own needs --uid");
    if (options.command[0][0] != '/')
        fail(EXIT_USAGE, 0, "bwrap is named by an absolute path, not '%s'", options.command[0]);
    return options;
}

static void reset_signals(void) {
    for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_between(unsigned first, unsigned last) {
    if (first > last) return;
    if (syscall(SYS_close_range, first, last, 0) != 0)
        fail(EXIT_PREPARE, errno, "cannot close inherited descriptors");
}

static void close_others(const struct launch_options *options) {
    unsigned next = 3;
    for (size_t index = 0; index < options->kept_count; index++) {
        unsigned kept = (unsigned)options->kept[index];
        if (kept > next) close_between(next, kept - 1);
        next = kept + 1;
    }
    close_between(next, ~0u);
}

/// Lowers a limit to `value`; a hard limit that is lower already stays.
static void limit(int resource, const char *name, rlim_t value) {
    struct rlimit current;
    if (getrlimit(resource, &current) != 0) fail(EXIT_PREPARE, errno, "cannot read the limit %s", name);
    if (current.rlim_max != RLIM_INFINITY && current.rlim_max < value) value = current.rlim_max;
    struct rlimit wanted = {value, value};
    if (setrlimit(resource, &wanted) != 0) fail(EXIT_PREPARE, errno, "cannot set the limit %s", name);
}

/// For none the limit is 1: no dump fits into it, and it is the one value at which the kernel does not start
/// the host's own program for dumps either (core(5), "Piping core dumps to a program"; fs/coredump.c). At 0
/// it does, so a hard limit of 0 that cannot be raised is no sandbox's.
static void limit_dumps(rlim_t bytes) {
    if (bytes == 0) bytes = 1;
    struct rlimit wanted = {bytes, bytes};
    if (setrlimit(RLIMIT_CORE, &wanted) != 0)
        fail(EXIT_PREPARE, errno, "cannot raise the hard limit of core dumps to %llu",
             (unsigned long long)bytes);
}

static void check_identity(const struct launch_options *options) {
    uid_t own = geteuid();
    if (!options->has_uid) {
        if (own == 0) fail(EXIT_PREPARE, 0, "root needs --uid: a sandbox is never started by uid 0");
        return;
    }
    uid_t uid = (uid_t)options->uid;
    if (uid == 0) fail(EXIT_USAGE, 0, "--uid 0 is refused: a sandbox is never started by uid 0");
    if (own != 0) fail(EXIT_PREPARE, 0, "only root can start a sandbox under another uid (%u)", uid);
}

static void become(uid_t uid) {
    gid_t gid = (gid_t)uid;
    if (setgroups(0, NULL) != 0) fail(EXIT_PREPARE, errno, "cannot drop the supplementary groups");
    for (int capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        if (errno == EINVAL) break;  // past the last capability this kernel knows
        fail(EXIT_PREPARE, errno, "cannot drop capability %d from the bounding set", capability);
    }
    if (setresgid(gid, gid, gid) != 0) fail(EXIT_PREPARE, errno, "cannot become gid %u", gid);
    if (setresuid(uid, uid, uid) != 0) fail(EXIT_PREPARE, errno, "cannot become uid %u", uid);
    if (setuid(0) == 0 || setgid(0) == 0) fail(EXIT_PREPARE, 0, "root could be regained from uid %u", uid);
}

/// What the launcher and the process that is to be bwrap both do with the rights they were started with.
static void drop(const struct launch_options *options) {
    if (options->has_uid) become((uid_t)options->uid);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(EXIT_PREPARE, errno, "cannot set no_new_privs");
}

static void check_parent(unsigned long long parent) {
    if ((unsigned long long)getppid() != parent)
        fail(EXIT_PREPARE, 0, "the parent (process %llu) is gone", parent);
}

static void die_with(unsigned long long parent, int signal_number) {
    if (prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0)
        fail(EXIT_PREPARE, errno, "cannot die with the parent");
    check_parent(parent);
}

/// The only child of a process, or 0.
static pid_t child_of(pid_t process) {
    char path[64], text[32] = {0};
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", process, process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/// sandbox-init inside: the one child of the bwrap outside becomes it. 0 while that child is still bwrap.
static pid_t first_program_inside(pid_t bwrap) {
    char path[64], name[32];
    pid_t inside = child_of(bwrap);
    if (inside <= 0) return 0;
    snprintf(path, sizeof path, "/proc/%d/comm", inside);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, name, sizeof name - 1);
    close(file);
    name[count < 0 ? 0 : count] = '\0';
    return strcmp(name, "sandbox-init\n") == 0 ? inside : 0;
}

/// Sends a signal to sandbox-init inside, and to nobody who has its number by now; false: it cannot be sent.
static bool pass_on(pid_t bwrap, int signal_number) {
    pid_t inside = first_program_inside(bwrap);
    int process = inside > 0 ? (int)syscall(SYS_pidfd_open, inside, 0) : -1;
    if (process < 0) return false;
    // Looked at again: the descriptor stands for what the number means now.
    bool sent = first_program_inside(bwrap) == inside
        && syscall(SYS_pidfd_send_signal, process, signal_number, NULL, 0) == 0;
    close(process);
    return sent;
}

/// Kills what has become a child of ours: bwrap that is killed before it has written the maps of its child
/// leaves that child behind, waiting for them for ever; only later does it die with its parent.
static void end_orphans(void) {
    pid_t orphan;
    if ((orphan = child_of(getpid())) > 0) kill(orphan, SIGKILL);
}

static int supervise(pid_t bwrap, const sigset_t *awaited) {
    int code = EXIT_PREPARE;
    bool is_ending = false, has_ended = false;
    for (;;) {
        // Once bwrap has ended its number may be another's, and nothing is passed on. Its orphans are looked
        // for until the last is gone, signal or not: proc(5) says that the list of children may miss one.
        struct timespec look = {.tv_nsec = ORPHAN_LOOK_MILLISECONDS * 1000000};
        int received = has_ended ? sigtimedwait(awaited, NULL, &look) : sigwaitinfo(awaited, NULL);
        if (has_ended) {
            received = SIGCHLD;
        } else if (received < 0) {
            continue;
        }
        if (received == SIGALRM || received == SIGPWR) {
            kill(bwrap, SIGKILL);
        } else if (received != SIGCHLD) {
            if (!pass_on(bwrap, received)) kill(bwrap, SIGKILL);
            if (!is_ending && received != SIGUSR1 && received != SIGUSR2) {
                is_ending = true;
                alarm(GRACE_SECONDS);
            }
            continue;
        }
        pid_t ended;
        int status;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
            if (ended != bwrap) continue;
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            has_ended = true;
        }
        if (ended < 0 && errno == ECHILD) return code;
        if (has_ended) end_orphans();
    }
}

int launch(int argc, char **argv) {
    struct launch_options options = parse(argc, argv);
    reset_signals();
    close_others(&options);
    if (chdir("/") != 0) fail(EXIT_PREPARE, errno, "cannot change to /");
    umask(022);
    limit_dumps(options.core);
    limit(RLIMIT_NOFILE, "nofile", options.nofile);
    if (options.has_fsize) limit(RLIMIT_FSIZE, "fsize", options.fsize);
    check_identity(&options);
    check_parent(options.parent);
    if (options.has_uid)
        show_all_as_own(options.own, options.own_count, (uid_t)options.uid);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) fail(EXIT_PREPARE, errno, "cannot collect orphans");

    sigset_t awaited, none;
    sigemptyset(&none);
    sigemptyset(&awaited);
    int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGPWR, SIGCHLD};
    for (size_t index = 0; index < sizeof passed_on / sizeof *passed_on; index++)
        sigaddset(&awaited, passed_on[index]);
    sigprocmask(SIG_BLOCK, &awaited, NULL);

    pid_t self = getpid();
    pid_t bwrap = fork_into_groups(&options.groups);
    if (bwrap == 0) {
        // A group of its own, so that a signal to ours leaves it to us what happens to bwrap.
        setpgid(0, 0);
        if (options.has_nice && setpriority(PRIO_PROCESS, 0, (int)options.nice) != 0)
            fail(EXIT_PREPARE, errno, "cannot lower the priority");
        drop(&options);
        sigprocmask(SIG_SETMASK, &none, NULL);
        // Before the next line, because new namespaces clear it.
        if (options.overlay.lower != NULL) mount_overlay(&options.overlay);
        die_with((unsigned long long)self, SIGKILL);
        char *environment[] = {"PATH=/usr/bin:/bin", NULL};
        execve(options.command[0], options.command, environment);
        fail(EXIT_NO_SANDBOX, errno, "cannot execute %s", options.command[0]);
    }
    drop(&options);
    // Not SIGKILL: what is left of a sandbox that is still being set up must be ended by us.
    die_with(options.parent, SIGPWR);
    // The sandbox alone holds its input, its output and the descriptors it was given.
    close(0);
    close(1);
    close_between(3, ~0u);
    return supervise(bwrap, &awaited);
}
