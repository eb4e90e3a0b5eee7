#include "CLinuxNotify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int CLinux_receive_descriptor(int socket) {
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1,
        .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t got;
    do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    struct cmsghdr *header = got == 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS
        || header->cmsg_len != CMSG_LEN(sizeof(int)))
        return -ECONNRESET;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

// <linux/seccomp.h> of Linux 6.6; older headers do not have them.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

int CLinux_wake_in_place(int listener) {
    unsigned long flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) < 0 ? -errno : 0;
}

int CLinux_next_notice(int listener, struct CLinux_notice *notice) {
    // The request itself would wait for ever when the last process that has the filter ends meanwhile.
    struct pollfd question = {.fd = listener, .events = POLLIN};
    while (poll(&question, 1, -1) < 0)
        if (errno != EINTR) return -errno;
    if (!(question.revents & POLLIN)) return 0;
    struct seccomp_notif received;
    memset(&received, 0, sizeof received);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received) < 0) return errno == EINTR ? -ENOENT : -errno;
    notice->id = received.id;
    notice->thread = (int)received.pid;
    notice->call = received.data.nr == __NR_execveat;
    for (int index = 0; index < 6; index++) notice->arguments[index] = received.data.args[index];
    return 1;
}

int CLinux_answer_notice(int listener, unsigned long long id, int error) {
    struct seccomp_notif_resp answer = {
        .id = id, .val = 0, .error = -error, .flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 ? -errno : 0;
}

int CLinux_notice_stands(int listener, unsigned long long id) {
    unsigned long long copy = id;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &copy) < 0 ? -errno : 0;
}

long CLinux_read_memory(int process, unsigned long long address, void *bytes, long count) {
    struct iovec local = {.iov_base = bytes, .iov_len = (size_t)count};
    struct iovec remote = {.iov_base = (void *)address, .iov_len = (size_t)count};
    ssize_t got = process_vm_readv(process, &local, 1, &remote, 1, 0);
    return got < 0 ? -errno : got;
}

int CLinux_mode_within(int root, const char *path) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    int file = -1;
    // EAGAIN: something was renamed on the way while it was followed.
    for (int attempt = 0; attempt < 16; attempt++) {
        file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
        if (file >= 0 || errno != EAGAIN) break;
    }
    if (file < 0) return -errno;
    struct stat status;
    int code = fstat(file, &status) < 0 ? -errno : (int)status.st_mode;
    close(file);
    return code;
}
