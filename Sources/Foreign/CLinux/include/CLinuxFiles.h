#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

// What glibc shows to _GNU_SOURCE only, which the Glibc module does not define. Each can go when it does.

// Makes a file share another's blocks until either is written; -errno where the file system cannot.
int CLinux_clone_file(int destination, int source);

// Whether `part` is somewhere in `bytes`: memmem(3), at the speed of the processor also in debug builds.
int CLinux_holds(const void *_Nullable bytes, long count, const void *_Nullable part, long part_count);

// Writes everything of one file system to its disk; -errno.
int CLinux_sync_file_system(int fd);

#endif
