// Assertions are for us: a broken invariant ends the process. Users' mistakes are diagnostics or Errors, never these.
#pragma once

#include <cstdio>
#include <cstdlib>

#define REXP_ASSERT(cond, what)                                                                  \
  do {                                                                                           \
    if (!(cond)) {                                                                               \
      std::fprintf(stderr, "rexp: internal fault at %s:%d: %s (%s)\n", __FILE__, __LINE__, what, \
                   #cond);                                                                       \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)
