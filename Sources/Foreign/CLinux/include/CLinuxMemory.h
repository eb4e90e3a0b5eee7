#pragma once

#pragma clang assume_nonnull begin

// memfd_create is hidden behind _GNU_SOURCE. Can go when the Glibc module map exposes it.
// The descriptor closes on exec. Returns it, or -errno.
int CLinux_memory_file(const char *name);

#pragma clang assume_nonnull end
