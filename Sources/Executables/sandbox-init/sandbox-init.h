// sandbox-init: enters the sandbox from outside (`launch`), is its first program inside (`init`), and proves
// it (`probe`).
//
// C and static, because it runs where nothing else can: between a fork and the sandbox, with no runtime to
// start, no library to find and a single thread. It reads its arguments strictly and trusts nothing it was
// not given.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// What the program exits with when it, and not the program it starts, has failed.
enum {
    EXIT_USAGE = 64,         // an argument is missing, unknown or malformed
    EXIT_PREPARE = 71,       // ids, limits or descriptors could not be set
    EXIT_NO_SANDBOX = 72,    // bwrap could not be executed
    EXIT_RELAY = 73,         // the relay could not listen
    EXIT_NOT_RUNNABLE = 126, // the command is there and cannot be executed
    EXIT_NOT_FOUND = 127,    // the command is not there
};

/// Prints `sandbox-init: <sentence>` to standard error, with the text of `error` unless it is 0, and exits
/// with `code`.
__attribute__((noreturn, format(printf, 3, 4))) void fail(int code, int error, const char *format, ...);

/// Reads a decimal number of at most `max`; anything else ends the program with EXIT_USAGE.
unsigned long long number(const char *option, const char *text, unsigned long long max);

/// The three roles; each gets the arguments after its name and returns the program's exit code.
int launch(int argc, char **argv);
int init(int argc, char **argv);
int probe(int argc, char **argv);

/// The highest descriptor a caller may name.
enum { DESCRIPTOR_MAX = 1 << 20 };

/// Puts every exec of this process and all it starts before whoever holds the other end of `channel`, and
/// closes `channel`; ends the program with EXIT_PREPARE where that cannot be.
void ledger_begin(int channel);

/// The most hierarchies of control groups (version 1) that a sandbox is in a group of.
enum { TASKS_MAX = 8 };

/// The control groups of a sandbox: of version 1 the file `tasks` of each, of version 2 the one folder.
struct groups {
    const char *tasks[TASKS_MAX];
    size_t tasks_count;
    const char *folder;
};

/// Forks as fork(2) does, the child in the groups from its first instruction on; where that cannot be, the
/// program or the child ends with EXIT_PREPARE.
pid_t fork_into_groups(const struct groups *groups);

/// A worktree of two layers: `lower` with what is changed kept in `upper`, seen at `place`.
struct overlay {
    const char *lower, *upper, *work, *place;
};

/// The most folders that one sandbox is shown as its own.
enum { OWN_MAX = 4 };

/// As root: puts over each folder, in a mount namespace of this process, a read-only view of it in which what
/// belongs to the folder's owner belongs to `uid`.
void show_all_as_own(const char *const *paths, size_t count, uid_t uid);

/// As the session's uid, in the process that is to be bwrap: a user namespace that knows this uid alone, a
/// mount namespace of its own, and the overlay in it. What the kernel does for the overlay it does with the
/// rights of this uid.
void mount_overlay(const struct overlay *overlay);

/// The most connections the relay carries at once; further ones wait in the backlog.
enum { RELAY_CONNECTIONS_MAX = 256 };

/// What fits into the address of a unix socket, without the NUL at its end.
enum { RELAY_PATH_MAX = 107 };

/// Listens on 127.0.0.1:`port`; returns the descriptor or ends the program with EXIT_RELAY.
int relay_listen(unsigned short port);

/// Carries every connection of `listener` to the unix socket at `path` until the process is killed.
__attribute__((noreturn)) void relay_run(int listener, const char *path);
