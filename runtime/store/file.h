// Whole files and folders, with the operating system's refusals turned into user errors that name
// the path.
//
//   REXP_TRY(write_file(path, bytes));       // "cannot write /full/disk/x: No space left on
//   device" Result<std::string> text = read_file(path);
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace rexp::store {

/// The whole file as bytes. Errors: absent, a folder, unreadable.
Result<std::string> read_file(const std::string& path);

/// Creates or replaces `path`. Not atomic by itself: artifacts get that from their folder's rename,
/// other files from replace_file. Errors: any refusal of the operating system; a file cut short by
/// one is removed.
Status write_file(const std::string& path, std::string_view bytes);

/// Like write_file, but a reader sees the old bytes or the new ones, never a part; the new ones are
/// on the disk on return.
Status replace_file(const std::string& path, std::string_view bytes);

/// Creates a folder and its parents; no error when it is there.
Status make_folder(const std::string& path);

/// Flushes a file or a folder to the disk.
Status sync_path(const std::string& path);

/// Flushes every file and folder below `folder`, innermost first, then `folder` itself.
Status sync_tree(const std::string& folder);

/// The error of the operating system call that failed last: "cannot <verb> <path>: <reason>", with
/// help where we know any.
Error system_error(std::string_view verb, const std::string& path, int error_number);

}  // namespace rexp::store
