// What librexp_runtime.so exports: the only symbols that the rexp binary looks up in it. C types, no exceptions.
//
//   RexpRun* run = rexp_rt_open("{\"store\": \".rexp\", \"device\": \"cpu\"}");
//   int status = plan_main(run);                       // JIT code; calls rexp_rt_<kind> of nodes.def
//   if (status != REXP_OK) puts(rexp_rt_error(run));   // JSON: {"kind", "message", "help", "file", "line", "node"}
//   rexp_rt_close(run);
#pragma once

#include "runtime/abi/abi.h"

#define REXP_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/// abi::kIdentity of the library's build: binary and library whose identities differ were built from different contracts.
REXP_EXPORT const char* rexp_rt_identity(void);

/// Options: {"store": folder, "device": "cpu"|"cuda"|null, "threads": 0, "tokenizer": path of the Qwen ranks,
/// "progress": "bar"|"lines"|"none", "checkpoint_seconds": 30, "together": false}. With "together", waits for the other processes that
/// RANK, WORLD_SIZE, .. speak of. Never null; a run that could not open says so in rexp_rt_error.
REXP_EXPORT RexpRun* rexp_rt_open(const char* options);
REXP_EXPORT void rexp_rt_close(RexpRun* run);
/// The last error as JSON, or an empty text.
REXP_EXPORT const char* rexp_rt_error(const RexpRun* run);
/// Asked once, of a failure with this status: REXP_OK when this process is to tell people, else the status of the process that does.
REXP_EXPORT int32_t rexp_rt_told_elsewhere(RexpRun* run, int32_t status);
/// What happened so far: [{"name", "kind", "key", "state": "cached"|"run", "seconds", "notes"}].
REXP_EXPORT const char* rexp_rt_outcomes(RexpRun* run);
/// Asks the running node to stop at the next safe place. Async-signal-safe.
REXP_EXPORT void rexp_rt_interrupt(void);

/// A tensor command that is no plan: "score" or "decode" with JSON arguments. `write` receives standard output's lines.
REXP_EXPORT int32_t rexp_rt_command(RexpRun* run, const char* command, const char* args,
                                    void (*write)(void* user, const char* data, int64_t size),
                                    void* user);

#define REXP_NODE(kind, version) REXP_EXPORT int32_t rexp_rt_##kind(RexpRun*, const RexpNode*);
#include "runtime/abi/nodes.def"
#undef REXP_NODE

#ifdef __cplusplus
}
#endif
