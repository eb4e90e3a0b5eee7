// `init`: the first program inside the sandbox, and its process 1: no signal from inside ends or stops it. It
// refuses to be anything else, for at the end it kills every process that it can signal.
//
//   sandbox-init init [--processes N] [--relay PORT SOCKET] [--ledger FD] -- COMMAND ARG…
//
//  1. the limit on processes: here and not outside, because here it counts this sandbox's user namespace
//    only, where
//     outside it would count everything the user runs
//  2. listen for the relay, before anything that could want to connect exists
//  3. fork the relay: its own standard streams, so that it never keeps the harness's pipes open
//  4. fork and exec the command, with its place in the group and its signals as a shell would leave them;
//    before the exec the filter of the exec ledger, so that this exec is its first entry
//  5. pass signals on, collect every orphan, and when the command ends kill what it left behind and wait for
//    it: when
//     the sandbox is seen to have ended, nothing writes to the worktree any more
//  6. exit with the command's own status, or 128 + the signal that ended it

#include "sandbox-init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct init_options {
    unsigned long long processes, port, ledger;
    bool has_processes, has_relay, has_ledger;
    const char *socket;
    char **command;
};

static struct init_options parse(int argc, char **argv) {
    struct init_options options = {0};
    int index = 0;
    while (index < argc && strcmp(argv[index], "--") != 0) {
        const char *option = argv[index];
        if (strcmp(option, "--processes") == 0 && !options.has_processes) {
            if (index + 1 >= argc) fail(EXIT_USAGE, 0, "--processes needs a number");
            options.processes = number(option, argv[index + 1], 1 << 22);
            options.has_processes = true;
            index += 2;
        } else if (strcmp(option, "--relay") == 0 && !options.has_relay) {
            if (index + 2 >= argc) fail(EXIT_USAGE, 0, "--relay needs a port and the path of a socket");
            options.port = number(option, argv[index + 1], 65535);
            options.socket = argv[index + 2];
            if (options.port == 0) fail(EXIT_USAGE, 0, "--relay needs a port above 0");
            if (options.socket[0] != '/')
                fail(EXIT_USAGE, 0, "--relay needs an absolute path, not '%s'", options.socket);
            if (strlen(options.socket) > RELAY_PATH_MAX)
                fail(EXIT_USAGE, 0, "--relay takes a path of at most %d bytes", RELAY_PATH_MAX);
            options.has_relay = true;
            index += 3;
        } else if (strcmp(option, "--ledger") == 0 && !options.has_ledger) {
            if (index + 1 >= argc) fail(EXIT_USAGE, 0, "--ledger needs a descriptor");
            options.ledger = number(option, argv[index + 1], DESCRIPTOR_MAX);
            if (options.ledger < 3) fail(EXIT_USAGE, 0, "--ledger takes a descriptor above 2");
            options.has_ledger = true;
            index += 2;
        } else {
            fail(EXIT_USAGE, 0, "init does not know '%s', or has it twice", option);
        }
    }
    if (index + 1 >= argc) fail(EXIT_USAGE, 0, "init needs -- and a command");
    options.command = argv + index + 1;
    return options;
}

/// The relay's standard streams are /dev/null: whoever waits for the end of the harness's output must not
/// wait for it.
static void detach_streams(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < 3; stream++) {
        if (null < 0 || dup2(null, stream) < 0) _exit(EXIT_RELAY);
    }
}

static void start_relay(const struct init_options *options, const sigset_t *inherited) {
    int listener = relay_listen((unsigned short)options->port);
    pid_t relay = fork();
    if (relay < 0) fail(EXIT_RELAY, errno, "cannot start the relay");
    if (relay == 0) {
        sigprocmask(SIG_SETMASK, inherited, NULL);
        // A process group of its own: the harness's interrupt must not end it.
        setpgid(0, 0);
        detach_streams();
        if (options->has_ledger) close((int)options->ledger);
        relay_run(listener, options->socket);
    }
    close(listener);
}

static pid_t start_command(const struct init_options *options, const sigset_t *inherited) {
    pid_t child = fork();
    if (child < 0) fail(EXIT_PREPARE, errno, "cannot start '%s'", options->command[0]);
    if (child > 0) return child;
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, inherited, NULL);
    // Whoever holds the ledger reads from this process's memory what it is about to execute.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (options->has_ledger) ledger_begin((int)options->ledger);
    execvp(options->command[0], options->command);
    int code = errno == ENOENT || errno == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE;
    fail(code, errno, "cannot execute '%s'", options->command[0]);
}

/// Process 1, or the child of a bwrap that is it.
static bool is_first(void) {
    if (getpid() == 1) return true;
    char name[32] = {0};
    int file = getppid() == 1 ? open("/proc/1/comm", O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return false;
    ssize_t count = read(file, name, sizeof name - 1);
    close(file);
    return count > 0 && strcmp(name, "bwrap\n") == 0;
}

/// Ends everything the command left running, and returns when it is gone.
static void end_the_rest(void) {
    // A process may be forking while the signal is sent; go round until there is nobody left to wait for.
    for (;;) {
        kill(-1, SIGKILL);
        pid_t gone = waitpid(-1, NULL, 0);
        if (gone < 0 && errno == ECHILD) return;
    }
}

int init(int argc, char **argv) {
    struct init_options options = parse(argc, argv);
    if (!is_first()) fail(EXIT_PREPARE, 0, "init is the first process of a sandbox and nothing else");
    if (options.has_processes) {
        struct rlimit current, wanted = {options.processes, options.processes};
        if (getrlimit(RLIMIT_NPROC, &current) != 0)
            fail(EXIT_PREPARE, errno, "cannot read the limit on processes");
        if (current.rlim_max < wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max = current.rlim_max;
        if (setrlimit(RLIMIT_NPROC, &wanted) != 0) fail(EXIT_PREPARE, errno, "cannot limit processes");
    }
    // The agent runs under the same uid. Without this it could write into this process and have it execute
    // what no ledger sees, because the ledger's filter is the command's and not ours.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(EXIT_PREPARE, errno, "cannot close its own memory");
    // Orphans come here and not to bwrap, which would not wait for them.
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) fail(EXIT_PREPARE, errno, "cannot collect orphans");

    sigset_t awaited, inherited;
    sigemptyset(&awaited);
    int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};
    for (size_t index = 0; index < sizeof passed_on / sizeof *passed_on; index++)
        sigaddset(&awaited, passed_on[index]);
    sigaddset(&awaited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &awaited, &inherited);

    if (options.has_relay) start_relay(&options, &inherited);
    pid_t command = start_command(&options, &inherited);
    // The harness alone decides when its input is closed and its output ends.
    close(0);
    close(1);
    if (options.has_ledger) close((int)options.ledger);

    for (;;) {
        int received;
        if (sigwait(&awaited, &received) != 0) continue;
        if (received != SIGCHLD) {
            kill(command, received);
            continue;
        }
        int status;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
            if (ended != command) continue;
            end_the_rest();
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
    }
}
