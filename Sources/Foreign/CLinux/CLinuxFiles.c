#include "CLinuxFiles.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int CLinux_clone_file(int destination, int source) {
    return ioctl(destination, FICLONE, source) == 0 ? 0 : -errno;
}

int CLinux_holds(const void *bytes, long count, const void *part, long part_count) {
    return memmem(bytes, (size_t)count, part, (size_t)part_count) != NULL;
}

int CLinux_sync_file_system(int fd) {
    return syncfs(fd) == 0 ? 0 : -errno;
}
