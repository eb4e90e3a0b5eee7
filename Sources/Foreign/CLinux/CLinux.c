#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// MARK: Spawning

enum { descriptors_max = 64 };

// 1. chdir  2. dup2 every passed descriptor onto its number  3. close the gaps  4. close all above.
// The sources are first moved above every target, so that no dup2 overwrites a source still needed.
static int add_actions(
    posix_spawn_file_actions_t *actions, const char *directory, const int *moved, const int *targets,
    int count, int highest) {
    int code = 0;
    if (directory) code = posix_spawn_file_actions_addchdir_np(actions, directory);
    for (int i = 0; i < count && !code; i++)
        code = posix_spawn_file_actions_adddup2(actions, moved[i], targets[i]);
    for (int fd = 0; fd < highest && !code; fd++) {
        int isTarget = 0;
        for (int i = 0; i < count; i++) isTarget |= targets[i] == fd;
        if (!isTarget) code = posix_spawn_file_actions_addclose(actions, fd);
    }
    if (!code) code = posix_spawn_file_actions_addclosefrom_np(actions, highest + 1);
    return code;
}

static int set_attributes(posix_spawnattr_t *attributes, int group) {
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int code = posix_spawnattr_setsigmask(attributes, &none);
    if (!code) code = posix_spawnattr_setsigdefault(attributes, &all);
    if (group == 0) flags |= POSIX_SPAWN_SETPGROUP;
    if (group == 1) flags |= POSIX_SPAWN_SETSID;
    if (!code) code = posix_spawnattr_setpgroup(attributes, 0);
    if (!code) code = posix_spawnattr_setflags(attributes, flags);
    return code;
}

int CLinux_spawn(
    int *pid, const char *path, char *const *argv, char *const *envp, const char *directory,
    const int *sources, const int *targets, int count, int group) {
    if (count < 0 || count > descriptors_max) return -E2BIG;
    int moved[descriptors_max];
    int highest = 2;
    for (int i = 0; i < count; i++) {
        if (targets[i] < 0 || targets[i] >= 4 * descriptors_max) return -EBADF;
        if (targets[i] > highest) highest = targets[i];
    }
    int movedCount = 0, code = 0;
    for (; movedCount < count && !code; movedCount++) {
        moved[movedCount] = fcntl(sources[movedCount], F_DUPFD_CLOEXEC, highest + 1);
        if (moved[movedCount] < 0) {
            code = errno;
            break;
        }
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (!code) code = posix_spawn_file_actions_init(&actions);
    if (!code) {
        code = posix_spawnattr_init(&attributes);
        if (!code) {
            code = add_actions(&actions, directory, moved, targets, count, highest);
            if (!code) code = set_attributes(&attributes, group);
            if (!code) code = posix_spawn(pid, path, &actions, &attributes, argv, envp);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    for (int i = 0; i < movedCount; i++) close(moved[i]);
    return -code;
}

// MARK: Children

int CLinux_pidfd_open(int pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by itself
    return fd < 0 ? -errno : fd;
}

int CLinux_limit_data(int pid, unsigned long bytes) {
    struct rlimit limit = {bytes, bytes};
    // Not by the name: without _GNU_SOURCE there is no prototype.
    return syscall(SYS_prlimit64, pid, RLIMIT_DATA, &limit, NULL) < 0 ? -errno : 0;
}

int CLinux_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int CLinux_wait_for_end(int pidfd) {
    siginfo_t info;
    int code;
    do code = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT);
    while (code < 0 && errno == EINTR);
    return code < 0 ? -errno : 0;
}

int CLinux_reap(int pidfd, int *status, int *signalled) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0) return -errno;
    if (info.si_pid == 0) return 0;
    *status = info.si_status;
    *signalled = info.si_code != CLD_EXITED;
    return 1;
}

// MARK: Readiness

int CLinux_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int CLinux_epoll_arm(int epoll, int fd, int interest) {
    struct epoll_event event = {.events = EPOLLONESHOT, .data.fd = fd};
    if (interest & 1) event.events |= EPOLLIN | EPOLLRDHUP;
    if (interest & 2) event.events |= EPOLLOUT;
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
    if (errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0) return 0;
    return -errno;
}

int CLinux_epoll_disarm(int epoll, int fd) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event) < 0 ? -errno : 0;
}

int CLinux_epoll_wait(int epoll, int *fds, int *bits, int limit) {
    struct epoll_event events[64];
    if (limit > 64) limit = 64;
    int count = epoll_wait(epoll, events, limit, -1);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        fds[i] = events[i].data.fd;
        bits[i] = 0;
        if (events[i].events & (EPOLLIN | EPOLLRDHUP)) bits[i] |= 1;
        if (events[i].events & EPOLLOUT) bits[i] |= 2;
        if (events[i].events & (EPOLLHUP | EPOLLERR)) bits[i] |= 4;
    }
    return count;
}

int CLinux_eventfd(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int CLinux_flock_exclusive(int fd) { return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0; }

int CLinux_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0; }

int CLinux_open_place(int directory, const char *name) {
    int fd = openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

void CLinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// MARK: Sockets

static int address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

int CLinux_unix_listen(const char *path, unsigned mode, int backlog) {
    struct sockaddr_un address;
    int code = address_of(path, &address);
    if (code < 0) return code;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // Linux gives the new inode the socket's own mode, so there is no moment at which others could connect.
    if (fchmod(fd, mode) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        code = -errno;
        close(fd);
        return code;
    }
    // The umask may have taken bits that were asked for.
    if (chmod(path, mode) < 0 || listen(fd, backlog) < 0) {
        code = -errno;
        unlink(path);
        close(fd);
        return code;
    }
    return fd;
}

int CLinux_unix_connect(const char *path) {
    struct sockaddr_un address;
    int code = address_of(path, &address);
    if (code < 0) return code;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval limit = {.tv_sec = 5}, none = {0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        code = -errno;
        close(fd);
        return code;
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
    return fd;
}

int CLinux_unix_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int CLinux_peer_credentials(int fd, int *pid, unsigned *uid, unsigned *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

long CLinux_extended_attribute(int fd, const char *name, void *value, long limit) {
    ssize_t length = fgetxattr(fd, name, value, (size_t)limit);
    return length < 0 ? -errno : length;
}

int CLinux_set_extended_attribute(int fd, const char *name, const void *value, long count) {
    return fsetxattr(fd, name, value, (size_t)count, 0) < 0 ? -errno : 0;
}

long CLinux_send(int fd, const void *bytes, long count) {
    ssize_t sent = send(fd, bytes, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? -errno : sent;
}

int CLinux_terminal_size(int fd, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int CLinux_copy_contents(int from, int to) {
    if (ioctl(to, FICLONE, from) == 0) return 0;
    const size_t step = 1 << 30;
    bool is_by_range = true;
    for (;;) {
        ssize_t count =
            is_by_range ? copy_file_range(from, NULL, to, NULL, step, 0) : sendfile(to, from, NULL, step);
        if (count == 0) return 0;
        if (count > 0 || errno == EINTR) continue;
        // Between some file systems, and on older kernels, only sendfile copies.
        if (!is_by_range || errno == ENOSPC || errno == EDQUOT || errno == EIO) return -errno;
        is_by_range = false;
    }
}
