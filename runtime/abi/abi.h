// The one place where compiler and runtime meet: a C ABI. Plain structs, statuses instead of exceptions, caller-owned output.
//
// Two kinds of code cross this line.
//   1. Row functions (compiled by the JIT, called by the runtime): one signature, RexpRowFn, for renderers, predicates,
//      item texts, schedules and mixtures. They call the helpers of row_helpers.def and nothing else.
//   2. The plan driver (compiled by the JIT): a straight line of calls to the node entry points of nodes.def,
//      each `int32_t rexp_rt_<kind>(RexpRun*, const RexpNode*)`.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- statuses ---------------------------------------------------------------------------------------------------
enum { REXP_OK = 0, REXP_INTERNAL = 1, REXP_USER = 2, REXP_INTERRUPTED = 3 };

// ---- what a row function reads ----------------------------------------------------------------------------------
enum {
  REXP_COLUMN_INT = 0,
  REXP_COLUMN_FLOAT = 1,
  REXP_COLUMN_TEXT = 2,
  REXP_COLUMN_TEXT_LIST = 3
};

typedef struct RexpColumn {
  int32_t kind;
  int64_t rows;
  const void* data;  // int64_t[rows] | double[rows] | char[] (all texts one after another)
  const int64_t* text_offsets;  // text j is the bytes [text_offsets[j], text_offsets[j + 1])
  const int64_t*
      list_offsets;  // text lists: row i holds the texts [list_offsets[i], list_offsets[i + 1])
} RexpColumn;

// Compiled code copies a semantic id of up to so many tokens in one piece, so as many lie behind the last one, whatever they are.
enum { REXP_SID_ROOM = 8 };

// The tokens of every item's semantic id, open and close marks included.
typedef struct RexpSidTable {
  int64_t items;
  int32_t width;  // tokens an item prints, marks included
  const int32_t*
      ids;  // [items, width] and REXP_SID_ROOM more, ids of the full tokenizer (never rows of a pruned matrix)
  const uint8_t* levels;  // [width] and REXP_SID_ROOM more: 0 for a mark, 1..depth for a code
} RexpSidTable;

typedef struct RexpRowContext {
  const RexpColumn* columns;  // in the order of the row function's `columns`
  const RexpSidTable* sids;   // in the order of the row function's `codebooks`
  const void*
      tokenizer;  // rexp::text::Tokenizer, for rexp_rk_flush; null where nothing is tokenized
  void* texts;    // rexp::abi::TextCache over that tokenizer; null: every text is tokenized anew
} RexpRowContext;

typedef struct RexpText {
  const char* data;
  int64_t size;
} RexpText;

// ---- what a row function writes ---------------------------------------------------------------------------------
// Three parallel arrays (token id, trained or not, SID level) and a scalar. Only the helpers grow the arrays.
typedef struct RexpSink {
  int32_t* ids;
  uint8_t* trained;
  uint8_t* levels;
  int64_t size;
  int64_t capacity;
  char* text;  // the stretch of text that is not tokenized yet; the whole result of a text function
  int64_t text_size;
  int64_t text_capacity;
  int64_t value;  // result of a scalar function: an integer, 0/1, or the bits of a double
  void* arena;  // memory for texts and lists built inside a row; emptied by the caller between rows
} RexpSink;

/// `row`: the row's slots, in the order of the row function's parameters. `stream`: the example's random stream.
typedef int32_t (*RexpRowFn)(const RexpRowContext* context, const int64_t* row, uint64_t stream,
                             RexpSink* sink);

// ---- nodes of the plan ------------------------------------------------------------------------------------------
typedef struct RexpKernel {
  const char*
      role;  // "render", "prompt" and "mixture" are found by it; others by a field, {"kernel": 0}
  const char* name;  // of the task, stage or template it belongs to, for messages
  const char*
      binding;  // JSON: {"columns": [{"input": 0, "table": "items", "column": "title"}], "codebooks": [1],
                //        "slots": ["history_begin", "history_end", "next"]}
  // `input` and `codebooks` count in the node's inputs; `slots` are columns of the rows artifact. Tables: README.md
  RexpRowFn fn;
} RexpKernel;

typedef struct RexpNode {
  const char* name;           // stable path, "quickstart/pretrain"
  const char* kind;           // of nodes.def
  const char* key;            // 32 hex digits: the artifact's folder in the store
  const char* args;           // JSON, hashed into the key
  const char* site;           // JSON, not hashed: paths, device
  const char* const* inputs;  // keys of the input nodes' artifacts
  const char* const* input_kinds;
  int64_t input_count;
  const RexpKernel* kernels;
  int64_t kernel_count;
  uint64_t stream;  // random stream of the node
} RexpNode;

typedef struct RexpRun RexpRun;  // runtime/nodes/run.h

#ifdef __cplusplus
}
#endif
