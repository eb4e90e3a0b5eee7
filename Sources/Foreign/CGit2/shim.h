#pragma once
#include <git2.h>
#include <git2/sys/path.h>
#include <git2/sys/repository.h>

// `git_libgit2_opts` takes variable arguments, which Swift cannot call. Can go when libgit2 offers it
// otherwise.
static inline int CGit2_set_search_path(int level, const char * _Nullable path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}
