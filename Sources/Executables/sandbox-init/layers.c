// What a sandbox finds where the host has nothing mounted: a worktree made of two layers, and folders of the
// server's that look like the session's own. Both live in mount namespaces that end with the sandbox.

#include "sandbox-init.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_line(const char *path, const char *line) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) fail(EXIT_PREPARE, errno, "cannot open %s", path);
    ssize_t length = (ssize_t)strlen(line);
    if (write(file, line, (size_t)length) != length) fail(EXIT_PREPARE, errno, "cannot write %s", path);
    close(file);
}

/// Mounts of ours must not reach the host, nor its later ones us.
static void keep_mounts_to_ourselves(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        fail(EXIT_PREPARE, errno, "cannot make the mounts private");
}

/// A user namespace in which one owner's files are another's: the kernel takes its maps from it and nothing
/// else. The process that made it has ended when this returns.
static int owner_map(const struct stat *from, uid_t to) {
    int made[2], seen[2];
    if (pipe2(made, O_CLOEXEC) != 0 || pipe2(seen, O_CLOEXEC) != 0)
        fail(EXIT_PREPARE, errno, "cannot make a pipe");
    pid_t holder = fork();
    if (holder < 0) fail(EXIT_PREPARE, errno, "cannot fork");
    char byte = 0;
    if (holder == 0) {
        // Ends with us: a pipe whose other end is gone reads as ended.
        close(made[0]);
        close(seen[1]);
        if (unshare(CLONE_NEWUSER) != 0) fail(EXIT_PREPARE, errno, "cannot make a user namespace");
        if (write(made[1], &byte, 1) != 1) _exit(EXIT_PREPARE);
        _exit(read(seen[0], &byte, 1) < 0 ? EXIT_PREPARE : 0);
    }
    close(made[1]);
    close(seen[0]);
    if (read(made[0], &byte, 1) != 1) fail(EXIT_PREPARE, 0, "no user namespace for the owners of files");
    char path[64], line[64];
    snprintf(path, sizeof path, "/proc/%d/uid_map", holder);
    snprintf(line, sizeof line, "%u %u 1", from->st_uid, to);
    write_line(path, line);
    snprintf(path, sizeof path, "/proc/%d/gid_map", holder);
    snprintf(line, sizeof line, "%u %u 1", from->st_gid, to);
    write_line(path, line);
    snprintf(path, sizeof path, "/proc/%d/ns/user", holder);
    int map = open(path, O_RDONLY | O_CLOEXEC);
    if (map < 0) fail(EXIT_PREPARE, errno, "cannot open %s", path);
    close(made[0]);
    close(seen[1]);
    int status;
    while (waitpid(holder, &status, 0) < 0 && errno == EINTR) continue;
    return map;
}

static void show_as_own(const char *path, uid_t uid) {
    int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
    if (tree < 0) fail(EXIT_PREPARE, errno, "cannot take hold of %s", path);
    struct stat status;
    if (fstat(tree, &status) != 0) fail(EXIT_PREPARE, errno, "cannot look at %s", path);
    int map = owner_map(&status, uid);
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
        .userns_fd = (unsigned long long)map,
    };
    if (mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
        fail(EXIT_PREPARE, errno, "cannot show %s as the session's own", path);
    if (move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) != 0)
        fail(EXIT_PREPARE, errno, "cannot mount %s", path);
    close(map);
    close(tree);
}

void show_all_as_own(const char *const *paths, size_t count, uid_t uid) {
    if (count == 0) return;
    if (unshare(CLONE_NEWNS) != 0) fail(EXIT_PREPARE, errno, "cannot make a mount namespace");
    keep_mounts_to_ourselves();
    for (size_t index = 0; index < count; index++) show_as_own(paths[index], uid);
}

static int layer(const char *path) {
    int folder = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) fail(EXIT_PREPARE, errno, "cannot open the layer %s", path);
    return folder;
}

void mount_overlay(const struct overlay *overlay) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    char line[64];
    // A change of ids makes /proc/self the superuser's until this.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) fail(EXIT_PREPARE, errno, "cannot become dumpable");
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        fail(EXIT_PREPARE, errno, "cannot make a user namespace for the overlay");
    write_line("/proc/self/setgroups", "deny");
    snprintf(line, sizeof line, "%u %u 1", uid, uid);
    write_line("/proc/self/uid_map", line);
    snprintf(line, sizeof line, "%u %u 1", gid, gid);
    write_line("/proc/self/gid_map", line);
    keep_mounts_to_ourselves();
    // By descriptor, so that no path has to be spelled in the language of mount options. They are opened in
    // this namespace: the kernel takes layers from no other.
    int lower = layer(overlay->lower), upper = layer(overlay->upper), work = layer(overlay->work);
    char options[256];
    snprintf(
        options, sizeof options,
        "userxattr,lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", lower,
        upper, work);
    if (mount("overlay", overlay->place, "overlay", MS_NOSUID | MS_NODEV, options) != 0)
        fail(EXIT_PREPARE, errno, "cannot mount the overlay on %s", overlay->place);
    close(lower);
    close(upper);
    close(work);
}
