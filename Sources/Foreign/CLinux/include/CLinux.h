// Kernel calls that Swift cannot make itself. Every function returns a non-negative value, or -errno.
//
// Plain C types only: a pid_t declared by this module and one declared by Glibc are two types for the rules
// of import visibility, and which one a Swift file sees would depend on the order of compilation.
#pragma once
#include "CLinuxFiles.h"
#include "CLinuxMemory.h"
#include "CLinuxNotify.h"

#pragma clang assume_nonnull begin

// posix_spawn with all that must happen between fork and exec: descriptors, group, signals, directory.
// Swift could call posix_spawn, but `posix_spawn_file_actions_addclosefrom_np` and `addchdir_np` are hidden
// behind _GNU_SOURCE. Can go when the Glibc module map exposes both.
//
// `sources[i]` becomes descriptor `targets[i]` of the child; every other descriptor is closed there.
// `group`: 0 own process group, 1 own session, 2 the caller's group.
int CLinux_spawn(
    int *pid, const char *path, char *_Nullable const *_Nonnull argv, char *_Nullable const *_Nonnull envp,
    const char *_Nullable directory, const int *sources, const int *targets, int count, int group);

// glibc has no prototype for these in the header Swift imports (pidfd_open came with 2.36, <sys/pidfd.h>).
int CLinux_pidfd_open(int pid);
int CLinux_pidfd_send_signal(int pidfd, int signal);

// Blocks until the child behind `pidfd` has ended, and leaves it to be reaped.
int CLinux_wait_for_end(int pidfd);

// RLIMIT_DATA of another process; Swift sees neither prlimit(2) nor, as a number, the name of the limit.
int CLinux_limit_data(int pid, unsigned long bytes);

// Reaps the child behind `pidfd` without blocking. Returns 0 while it still runs, 1 when it ended: then
// `*status` is its exit code and `*signalled` 0, or `*status` the signal and `*signalled` 1.
int CLinux_reap(int pidfd, int *status, int *signalled);

// epoll: `struct epoll_event` is packed and holds a union, which the importer does not lay out reliably.
// Registrations are one-shot. Bits of `interest` and of the answer: 1 readable, 2 writable, 4 ended or
// broken.
int CLinux_epoll_create(void);
int CLinux_epoll_arm(int epoll, int fd, int interest);
int CLinux_epoll_disarm(int epoll, int fd);
int CLinux_epoll_wait(int epoll, int *fds, int *bits, int limit);
int CLinux_eventfd(void);

// Hidden behind _GNU_SOURCE in the Glibc module map.
int CLinux_pipe(int *ends);
int CLinux_open_place(int directory, const char *name);  // O_PATH | O_DIRECTORY | O_NOFOLLOW
void CLinux_name_thread(const char *name);

// <sys/xattr.h> is in no module map. Answers the length of the value; -ENODATA where there is none.
long CLinux_extended_attribute(int fd, const char *name, void *value, long limit);
int CLinux_set_extended_attribute(int fd, const char *name, const void *value, long count);

// `flock` is a struct and a function in C; the importer sees the struct first.
int CLinux_flock_exclusive(int fd);

// Makes the open file `to` hold what `from` holds: shares the blocks where the file system can, else copies
// inside the kernel. copy_file_range is hidden behind _GNU_SOURCE, and FICLONE is an ioctl.
int CLinux_copy_contents(int from, int to);

// sockaddr_un by path; keeps the pointer casts out of Swift. `connect` waits at most five seconds.
int CLinux_unix_listen(const char *path, unsigned mode, int backlog);
int CLinux_unix_connect(const char *path);
int CLinux_unix_accept(int listener);
int CLinux_peer_credentials(int fd, int *pid, unsigned *uid, unsigned *gid);

// Sends without a SIGPIPE and without blocking.
long CLinux_send(int fd, const void *bytes, long count);

// ioctl is variadic, and variadic C cannot be called from Swift.
int CLinux_terminal_size(int fd, int *columns, int *rows);

#pragma clang assume_nonnull end
